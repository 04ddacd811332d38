/**
 * The inside of a server: sockets with a link between any two, and PCIe switches, each with an uplink to its socket. GPUs and drives hang behind the
 * switches, or on the sockets where there are none, in equal shares and in order; memory hangs on the sockets. What passes below one
 * switch crosses no uplink, and what stays on one socket no link between them.
 */
import type {Server} from '../scenario/hardware.ts';

/** Where something hangs. */
export interface Spot {
  readonly socket: number;
  /** null: on the socket itself. */
  readonly pcieSwitch: number | null;
}

/** A link inside a server, named within it, and the part of a transfer's bytes that crosses it. */
interface Crossing {
  readonly name: string;
  readonly linkClass: 'socket-link' | 'switch-uplink';
  readonly bytesPerSecond: number;
  readonly part: number;
}

export class HostTree {
  /** One place on every socket. */
  readonly memory: readonly Spot[];
  /** One place behind every switch, or on every socket where there are none. */
  readonly devices: readonly Spot[];
  private readonly server: Server;

  constructor(server: Server) {
    const {sockets, switches} = server;
    this.server = server;
    this.memory = Array.from({length: sockets}, (_, socket) => ({socket, pcieSwitch: null}));
    this.devices = switches === 0 ? this.memory : Array.from({length: switches}, (_, one) => behind(one, server));
  }

  /** Of GPUs in order, counted over all servers. */
  gpus(first: number, count: number): readonly Spot[] {
    const {devices, server} = this;
    return Array.from({length: count}, (_, i) => devices[Math.floor((((first + i) % server.gpus) * devices.length) / server.gpus)]);
  }

  /** `spread`, `socket1`, `switch3`: what a tier's `attached` says. */
  at(attached: string): readonly Spot[] {
    if (attached === 'spread') return this.devices;
    const number = Number(/\d+$/.exec(attached)![0]);
    return [attached.startsWith('socket') ? this.memory[number] : behind(number, this.server)];
  }

  /** What a transfer crosses that is striped evenly from places to places: each with every other, or where they lie beside each other, each with its own. */
  crossed(from: readonly Spot[], to: readonly Spot[], beside: boolean): readonly Crossing[] {
    const {socketBytesPerSecond, uplinkBytesPerSecond} = this.server;
    const pairs = beside ? from.map((spot, i) => [spot, to[i]]) : from.flatMap((spot) => to.map((other) => [spot, other]));
    const crossings = new Map<string, Omit<Crossing, 'part'> & {pairs: number}>();
    const cross = (name: string, linkClass: Crossing['linkClass'], bytesPerSecond: number): void => {
      crossings.set(name, {name, linkClass, bytesPerSecond, pairs: (crossings.get(name)?.pairs ?? 0) + 1});
    };
    for (const [a, b] of pairs) {
      if (a.pcieSwitch !== null && a.pcieSwitch === b.pcieSwitch) continue;
      if (a.pcieSwitch !== null) cross(`switch${a.pcieSwitch}.up`, 'switch-uplink', uplinkBytesPerSecond!);
      if (a.socket !== b.socket) cross(`socket${a.socket}.to${b.socket}`, 'socket-link', socketBytesPerSecond!);
      if (b.pcieSwitch !== null) cross(`switch${b.pcieSwitch}.down`, 'switch-uplink', uplinkBytesPerSecond!);
    }
    return [...crossings.values()].map(({pairs: crossing, ...link}) => ({...link, part: crossing / pairs.length}));
  }
}

/** The sockets of places. */
export function socketsOf(spots: readonly Spot[]): readonly Spot[] {
  return spots.map(({socket}) => ({socket, pcieSwitch: null}));
}

function behind(pcieSwitch: number, {sockets, switches}: Server): Spot {
  return {socket: Math.floor((pcieSwitch * sockets) / switches), pcieSwitch};
}
