/** Between the loop and the carrier, where somebody wants to know of every transfer: what it moves, for whom, from when to when. */
import type {TransferRecord} from '../metrics/records.ts';
import {LOAD, NONE, STORE, type Carrier, type Commands, type RequestRow, type Ticks, type TransferId} from '../placement/ports.ts';
import type {Topology} from './topology.ts';

/** Whom the brain's request rows stand for. */
export interface RequestNames {
  sessionOf(row: RequestRow): number;
  turnOf(row: RequestRow): number;
}

export class TransferWatch implements Carrier {
  private readonly carrier: Carrier;
  private readonly topology: Topology;
  private readonly ticksPerNs: number;
  private readonly told: (record: TransferRecord) => void;
  private readonly underWay = new Map<TransferId, Omit<TransferRecord, 'endNs'>>();
  private requestOf: (transfer: TransferId) => RequestRow = () => NONE;
  private names: RequestNames | null = null;

  constructor(carrier: Carrier, topology: Topology, ticksPerNs: number, told: (record: TransferRecord) => void) {
    this.carrier = carrier;
    this.topology = topology;
    this.ticksPerNs = ticksPerNs;
    this.told = told;
  }

  /** Once brain and serving are there: how to find for whom a transfer is. */
  serve(requestOf: (transfer: TransferId) => RequestRow, names: RequestNames): void {
    this.requestOf = requestOf;
    this.names = names;
  }

  submit(now: Ticks, commands: Commands, row: number): void {
    const {transfer, kind, source, target, way, bytes, blocks} = commands;
    const request = this.requestOf(transfer[row]);
    const {pools} = this.topology;
    this.underWay.set(transfer[row], {
      kind: kind[row] === LOAD ? 'load' : kind[row] === STORE ? 'store' : 'move',
      source: pools[source[row]].name,
      target: pools[target[row]].name,
      stations: this.topology.crossed(this.topology.route(source[row], target[row], way[row]).stages),
      bytes: bytes[row],
      blocks: blocks[row],
      startNs: now / this.ticksPerNs,
      session: request === NONE ? -1 : this.names!.sessionOf(request),
      turn: request === NONE ? -1 : this.names!.turnOf(request),
    });
    this.carrier.submit(now, commands, row);
  }

  flush(): void {
    this.carrier.flush();
  }

  ended(now: Ticks, transfer: TransferId): void {
    const record = this.underWay.get(transfer)!;
    this.underWay.delete(transfer);
    this.told({...record, endNs: now / this.ticksPerNs});
  }
}
