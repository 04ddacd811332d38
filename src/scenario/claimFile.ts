/** A claim as a file says it: quoted words, the value, when it holds, and the conditions that judge it. Read and checked like a scenario. */
import {z} from 'zod';
import {ScenarioError} from './diagnostics.ts';
import {ScenarioDocument} from './document.ts';
import {mistakesOf} from './issues.ts';

export const verdicts = ['supported', 'conditional', 'refuted', 'unverifiable'] as const;
export type Verdict = (typeof verdicts)[number];

const changes = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.record(z.string(), z.unknown())]));
const text = z.string().min(1);

const schema = z.strictObject({
  claim: text.meta({description: 'Its name, such as C01.'}),
  line: z.int().min(1).meta({description: 'Line of the transcript that is quoted.'}),
  quote: text.meta({description: 'The words, quoted.'}),
  value: text.meta({description: 'What they say, as a quantity.'}),
  holds: text.meta({description: 'When the claim holds.'}),
  fails: text.meta({description: 'When it does not.'}),
  prior: z.enum(verdicts).meta({description: 'What the survey of published figures suggested before anything was simulated.'}),
  differs: text.optional().meta({description: 'Why the verdict differs from that.'}),
  unverifiable: text.optional().meta({description: 'Why nothing can judge it. Then there are no cases.'}),
  scenario: text.optional().meta({description: 'The scenario that is run or sized, relative to this file.'}),
  set: changes.optional().meta({description: 'Changes of the scenario, by path.'}),
  tokens: z.int().min(1).optional().meta({description: 'Context of a session, for sizes. Default 100000.'}),
  numbers: z
    .record(
      z.string(),
      z.strictObject({
        value: z.number(),
        source: text,
        confidence: z.enum(['read', 'measured', 'derived', 'remembered', 'choice']),
        range: z.tuple([z.number(), z.number()]).optional().meta({description: 'What it may be instead; required where it is remembered.'}),
      }),
    )
    .optional()
    .meta({description: 'Numbers from the world that no scenario holds.'}),
  runs: z
    .record(z.string(), z.strictObject({scenario: text.optional(), set: changes.optional()}))
    .optional()
    .meta({description: 'What is run in each case, by name; default one run, named "it".'}),
  cases: z
    .record(z.string(), z.strictObject({set: changes.optional(), numbers: z.record(z.string(), z.number()).optional()}))
    .optional()
    .meta({description: 'Conditions under which the claim is judged. All hold: supported; none: refuted; some: conditional.'}),
  figures: z
    .record(z.string(), text)
    .optional()
    .meta({description: 'Computed from runs and numbers, such as "with.ttft.p50 / without.ttft.p50".'}),
  expect: z.array(text).optional().meta({description: 'What must hold in a case for the claim to hold there.'}),
  remembered: z
    .record(z.string(), z.tuple([z.union([z.string(), z.number()]), z.union([z.string(), z.number()])]))
    .optional()
    .meta({description: 'Ranges of the parameters of the scenario that are only remembered, by path.'}),
  flip: z
    .strictObject({set: changes.optional(), numbers: z.record(z.string(), z.number()).optional()})
    .optional()
    .meta({description: 'One number changed, so that the verdict is another: what the claim hangs on.'}),
});

export type ClaimFile = z.infer<typeof schema>;

/** @throws ScenarioError with all mistakes */
export function readClaim(content: string, file: string): ClaimFile {
  const document = new ScenarioDocument(content, file, []);
  const input = document.content();
  const mistakes = mistakesOf(schema, input);
  if (mistakes.length === 0) {
    const claim = input as ClaimFile;
    if (claim.unverifiable === undefined && (claim.expect === undefined || claim.figures === undefined))
      mistakes.push({path: ['claim'], message: 'nothing judges it: write figures and expect, or say why it is unverifiable'});
    for (const [name, {confidence, range}] of Object.entries(claim.numbers ?? {}))
      if (confidence === 'remembered' && range === undefined)
        mistakes.push({path: ['numbers', name], atKey: true, message: 'is only remembered: write the range that it may lie in'});
  }
  if (mistakes.length > 0) throw new ScenarioError(mistakes.map((mistake) => document.place(mistake)));
  return input as ClaimFile;
}
