/** The networks of a server, what each is made of, and what else is on it. */
import type {Params, ValuesOf} from '../base/params.ts';

/** Front end, GPU back end, and the one of flash enclosures behind DPUs. */
export const networkNames = ['northSouth', 'eastWest', 'contextMemory'] as const;
export type NetworkName = (typeof networkNames)[number];

/** How a server's memory and drives are read from others: over a scale-up domain, through a GPU of that server which relays, or over a network. */
export const peerWays = ['scaleUp', ...networkNames] as const;
export type PeerWay = (typeof peerWays)[number];

export const fabricParams = {
  efficiency: {
    type: 'number',
    min: 0.01,
    max: 1,
    fraction: true,
    meaning: "Share of a port's rate that large transfers reach: headers, and what the software loses.",
  },
  startUp: {
    type: 'quantity',
    dimension: 'time',
    zero: true,
    meaning: 'Time before the first byte of a transfer, once for each: registration, rendezvous, the connector of the serving engine.',
  },
  messagesPerSecond: {
    type: 'quantity',
    dimension: 'rate',
    optional: true,
    meaning: 'Work requests that a port finishes in a second at most: small messages are bound by it.',
  },
  adapterLatency: {type: 'quantity', dimension: 'time', zero: true, meaning: 'Both adapters of a way together, one direction.'},
  switchLatency: {type: 'quantity', dimension: 'time', zero: true, meaning: 'One switch, port to port.'},
  picojoulesPerBit: {
    type: 'number',
    min: 0,
    max: 1000,
    fraction: true,
    meaning: 'Energy of a bit on its way: transceivers at both ends of each cable, and switch ports.',
  },
  adapterPrice: {type: 'quantity', dimension: 'money', meaning: 'An adapter, a port of it.'},
  transceiverPrice: {type: 'quantity', dimension: 'money', meaning: 'A transceiver; a cable has two.'},
  switchPortPrice: {type: 'quantity', dimension: 'money', meaning: 'A switch, a port of it.'},
  pricesDated: {type: 'text', meaning: 'Month of the prices.'},
} as const satisfies Params;
export type Fabric = ValuesOf<typeof fabricParams> & {readonly name: string};

export const networkParams = {
  ports: {
    type: 'number',
    min: 0,
    max: 256,
    optional: true,
    meaning: "Ports of a server on this network; 0: none. Default: the server preset's.",
  },
  portRate: {
    type: 'quantity',
    dimension: 'bytesPerSecond',
    optional: true,
    meaning: "Rate of a port, one direction. Default: the server preset's.",
  },
  hops: {
    type: 'number',
    min: 1,
    max: 16,
    default: 3,
    meaning: 'Switches on a way that leaves the leaf; a way below one leaf has one.',
    source: 'leaf, spine, leaf',
  },
  serversPerLeaf: {
    type: 'number',
    min: 1,
    max: 1024,
    default: 32,
    meaning: 'Servers below one leaf (all rails of a group together).',
    source: 'DGX SuperPOD: scalable units of 32 DGX H100',
  },
  oversubscription: {
    type: 'number',
    min: 1,
    max: 64,
    fraction: true,
    default: 1,
    meaning: "Rate of a leaf's servers over that of its uplinks.",
    source: 'a full fat tree',
  },
  distance: {
    type: 'quantity',
    dimension: 'distance',
    default: '50 m',
    meaning: 'Cable of a whole way; light takes 5 ns a metre.',
    source: 'fibre 4.6 to 5.0 ns a metre',
  },
  order: {
    type: 'choice',
    choices: ['fair', 'fifo'],
    default: 'fair',
    meaning: 'Whether slabs between the same two places share the way (fair) or pass one after another (fifo, a queue pair).',
  },
  flowsMax: {
    type: 'number',
    min: 1,
    max: 65536,
    optional: true,
    meaning: "Flows in flight at a server's adapters, each direction; more wait their turn. Default no limit.",
  },
  messageBytes: {
    type: 'quantity',
    dimension: 'bytes',
    optional: true,
    meaning: 'What one work request moves, where the fabric limits their number. Default: a block.',
  },
  background: {
    type: 'group',
    meaning: "Other traffic: every so often each server sends and receives so much over this network's leaves.",
    params: {
      size: {type: 'quantity', dimension: 'bytes', optional: true, meaning: 'Bytes of a burst, of each server; absent: no such traffic.'},
      period: {type: 'quantity', dimension: 'time', default: '10 ms', meaning: 'From one burst to the next.', source: 'a choice'},
      phase: {
        type: 'quantity',
        dimension: 'time',
        zero: true,
        default: '0 s',
        meaning: 'How much later each server bursts than the one before it; 0: all at once.',
      },
      direction: {
        type: 'choice',
        choices: ['exchange', 'in', 'out'],
        default: 'exchange',
        meaning: 'What a server does in a burst: both at once as in a collective, receive, or send.',
      },
      flows: {type: 'number', min: 1, max: 1024, default: 8, meaning: 'Flows that a burst is divided into.', source: 'one a GPU'},
    },
  },
} as const satisfies Params;

/** One network of every server. */
export interface Network extends ValuesOf<Omit<typeof networkParams, 'ports' | 'portRate'>> {
  readonly ports: number;
  readonly portRate: number;
  readonly fabric: Fabric;
}

/**
 * What a network costs a server, in US dollars: for each port a cable to the leaf (two transceivers) and the leaf's port; for each share of an
 * uplink a cable to the spine and the ports at both of its ends; and an adapter for each port that the server's own price does not include.
 */
export function networkPrice({ports, oversubscription, hops, fabric}: Network, portsIncluded: number): number {
  const cable = 2 * fabric.transceiverPrice;
  const uplink = hops === 1 ? 0 : (cable + 2 * fabric.switchPortPrice) / oversubscription;
  return ports * (cable + fabric.switchPortPrice + uplink) + Math.max(0, ports - portsIncluded) * fabric.adapterPrice;
}

export type Networks = {readonly [Name in NetworkName]: Network};
