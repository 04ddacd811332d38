/** Jobs first in, first out: how much work, and whom to call. 14 bytes a job, no allocation but when it doubles. */
export class JobRing {
  length = 0;
  private work = new Float64Array(16);
  private ops = new Uint16Array(16);
  private args = new Int32Array(16);
  private head = 0;
  /** What shift() took out. */
  op = 0;
  argument = 0;

  push(work: number, op: number, argument: number): void {
    if (this.length === this.work.length) this.grow();
    const at = (this.head + this.length++) & (this.work.length - 1);
    this.work[at] = work;
    this.ops[at] = op;
    this.args[at] = argument;
  }

  /** Work of the job at this place, 0 the first. */
  workAt(place: number): number {
    return this.work[(this.head + place) & (this.work.length - 1)];
  }

  setWorkAt(place: number, work: number): void {
    this.work[(this.head + place) & (this.work.length - 1)] = work;
  }

  /** Takes the first job out, into op and argument; returns its work. */
  shift(): number {
    const {head} = this;
    this.op = this.ops[head];
    this.argument = this.args[head];
    this.head = (head + 1) & (this.work.length - 1);
    this.length--;
    return this.work[head];
  }

  private grow(): void {
    const {work, ops, args, head, length} = this;
    this.work = new Float64Array(length * 2);
    this.ops = new Uint16Array(length * 2);
    this.args = new Int32Array(length * 2);
    for (let i = 0; i < length; i++) {
      const from = (head + i) & (length - 1);
      this.work[i] = work[from];
      this.ops[i] = ops[from];
      this.args[i] = args[from];
    }
    this.head = 0;
  }
}
