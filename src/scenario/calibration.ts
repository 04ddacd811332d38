/** A drive's calibration, as `tierscape device calibrate` writes it: of the file, a tier takes `parameters`. */
import type {Kind} from '../base/params.ts';
import {ScenarioError, type Diagnostic} from './diagnostics.ts';
import {ScenarioDocument} from './document.ts';
import {mistakesOf, shown} from './issues.ts';
import {calibrationSchema} from './schema.ts';
import type {Input} from './values.ts';

/** The parameters, as a scenario would write them. Throws ScenarioError with lines of the file. */
export function calibrationParameters(text: string, file: string, kind: Kind): Input {
  const document = new ScenarioDocument(text, file, []);
  const content = document.content();
  const mistakes: Diagnostic[] =
    typeof content === 'object' && content !== null && !Array.isArray(content)
      ? mistakesOf(calibrationSchema(kind), content)
      : [
          {
            path: [],
            message: `a calibration is a mapping of names to values, found ${shown(content)}: tierscape device calibrate writes one`,
          },
        ];
  if (mistakes.length > 0) throw new ScenarioError(mistakes.map((mistake) => document.place(mistake)));
  return (content as Input)['parameters'] as Input;
}
