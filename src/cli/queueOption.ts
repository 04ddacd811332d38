import {UserError} from './userError.ts';

/** The address of a queue: redis:// or rediss://. */
export function parseQueue(text: string): string {
  if (!/^rediss?:\/\/[^\s/]+/.test(text))
    throw new UserError(`--queue ${text}: write the address of a Redis, such as redis://127.0.0.1:6379`);
  return text;
}
