/** What a workload writes on its requests, for reports and objectives: whose they are, of which class, and how long they may take. */
import type {Params, ValuesOf} from '../base/params.ts';

export const labelParams = {
  tenant: {type: 'text', default: 'default', meaning: 'Whose sessions these are.'},
  serviceClass: {type: 'text', default: 'default', meaning: 'Class of the requests: goodput is also given by class.'},
  deadline: {
    type: 'quantity',
    dimension: 'time',
    optional: true,
    meaning: 'Time from arrival to first token after which a request counts as a miss; absent: none.',
  },
} as const satisfies Params;

/** The fields of RequestPlan that the labels give. */
export function labelsOf(values: ValuesOf<typeof labelParams>): {readonly serviceClass: string; readonly deadlineNs: number} {
  return {serviceClass: values.serviceClass, deadlineNs: values.deadline ?? Infinity};
}
