/** Retrieval: each question comes behind a system prompt and some documents of a collection, the popular ones more often. Documents are shared from the front: the same ones in the same order. */
import {exp, ln} from '../base/mathematics.ts';
import type {Kind, Params, ValuesOf} from '../base/params.ts';
import {Stream} from '../base/random.ts';
import {arrivalFault, arrivalParams, Arrivals} from './arrivals.ts';
import {Contents, Prompt, type Segment} from './content.ts';
import {labelParams, labelsOf} from './labels.ts';
import {drawLength, lengthFault, lengthParam} from './lengths.ts';
import type {SessionPlan, WorkloadContext, WorkloadSource} from './ports.ts';

const CHOICE = 'a choice';

const params = {
  ...arrivalParams,
  systemTokens: {type: 'number', min: 0, max: 1e6, default: 500, meaning: 'Tokens of the system prompt, the same for all.', source: CHOICE},
  documents: {type: 'number', min: 1, max: 1e7, default: 10000, meaning: 'Documents (chunks) of the collection.', source: CHOICE},
  documentTokens: lengthParam(800, 1600, 'A document.', CHOICE),
  documentsPerRequest: {type: 'number', min: 1, max: 1000, default: 5, meaning: 'Documents before a question.', source: CHOICE},
  popularity: {
    type: 'number',
    min: 0,
    max: 5,
    fraction: true,
    default: 0.9,
    meaning: 'Exponent of popularity by rank (Zipf); 0: all alike.',
    source: 'a choice: web requests have 0.6 to 0.9',
  },
  order: {
    type: 'choice',
    choices: ['popular', 'relevance'],
    default: 'relevance',
    meaning: 'Order of the documents in the prompt: the most popular first, so that more is shared, or as found.',
  },
  questionTokens: lengthParam(60, 300, 'A question.', CHOICE),
  outputTokens: lengthParam(200, 800, 'Answers.', CHOICE),
  ...labelParams,
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

export const retrieval = {
  name: 'retrieval',
  summary: 'Generated questions over retrieved documents (RAG).',
  params,
  check: ({arrivals, documentTokens, questionTokens, outputTokens, ...values}: Values) =>
    values.documentsPerRequest > values.documents
      ? {field: 'documentsPerRequest', message: `there are only ${values.documents} documents`}
      : (arrivalFault({arrivals}) ?? lengthFault({documentTokens, questionTokens, outputTokens})),
  create: (values: Values, context: WorkloadContext): WorkloadSource => new Retrieval(values, context),
} as const satisfies Kind<typeof params>;

/** Documents so far, in order: the content that ends with the last of them, and what came behind it. */
interface Node {
  readonly segment: Segment;
  /** Tokens up to the end of its last document. */
  readonly tokens: number;
  readonly next: Map<number, Node>;
}

class Retrieval implements WorkloadSource {
  readonly traces: [] = [];
  readonly warnings: readonly string[] = [];
  readonly merging: string;
  private readonly values: Values;
  private readonly blockTokens: number;
  private readonly seed: number;
  private readonly arrivals: Arrivals;
  private readonly stream: Stream;
  private readonly contents = new Contents();
  private readonly root: Node;
  /** Sums of popularity up to each rank. */
  private readonly popularity: Float64Array;
  private requests = 0;

  constructor(values: Values, {blockTokens, seed}: WorkloadContext) {
    this.values = values;
    this.blockTokens = blockTokens;
    this.seed = seed;
    this.arrivals = new Arrivals(values.arrivals, seed);
    this.stream = new Stream(seed, 'workload/sessions');
    this.root = {
      segment: this.contents.segment(Math.floor(values.systemTokens / blockTokens)),
      tokens: values.systemTokens,
      next: new Map(),
    };
    this.popularity = new Float64Array(values.documents);
    let sum = 0;
    for (let rank = 0; rank < values.documents; rank++) this.popularity[rank] = sum += exp(-values.popularity * ln(rank + 1));
    this.merging = `${values.sessionCount} generated questions, ${values.arrivals.process} arrivals`;
  }

  next(): SessionPlan | null {
    const {values, stream} = this;
    if (this.requests >= Math.min(values.sessionCount, values.requestsMax ?? Infinity)) return null;
    const startNs = this.arrivals.next();
    const prompt = new Prompt();
    prompt.add(this.root.segment);
    let node = this.root;
    for (const document of this.found()) {
      node = this.behind(node, document);
      prompt.add(node.segment);
    }
    const inputTokens = node.tokens + drawLength(stream, values.questionTokens);
    prompt.add(this.contents.segment(Math.floor(inputTokens / this.blockTokens) - prompt.blocks));
    const request = {
      turn: 0,
      inputTokens,
      outputTokens: drawLength(stream, values.outputTokens),
      ...prompt.hold(),
      generatedRuns: [],
      after: [],
      offsetNs: 0,
      subagent: false,
      ...labelsOf(values),
    };
    return {name: `question${this.requests++}`, tenant: values.tenant, startNs, requests: [request]};
  }

  /** Different documents, by popularity. */
  private found(): number[] {
    const found = new Set<number>();
    while (found.size < this.values.documentsPerRequest) found.add(this.draw());
    const documents = [...found];
    return this.values.order === 'popular' ? documents.sort((a, b) => a - b) : documents;
  }

  private draw(): number {
    const {popularity} = this;
    const at = this.stream.uniform() * popularity[popularity.length - 1];
    let low = 0;
    let high = popularity.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (popularity[middle] > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private behind(node: Node, document: number): Node {
    const known = node.next.get(document);
    if (known !== undefined) return known;
    const tokens = node.tokens + drawLength(new Stream(this.seed, `workload/document${document}`), this.values.documentTokens);
    const blocks = Math.floor(tokens / this.blockTokens) - Math.floor(node.tokens / this.blockTokens);
    const made = {segment: this.contents.segment(blocks), tokens, next: new Map<number, Node>()};
    node.next.set(document, made);
    return made;
  }
}
