/** The user's mistake: said in one message, exit code 2, no stack trace. */
export class UserError extends Error {}

/** A device or file that failed while reading or writing: exit code 3. */
export class DeviceError extends Error {}
