/**
 * Networks by what they are made of. Efficiency and start-up of the last three are lines through measured transfers of KV cache,
 * t = start-up + bytes / (efficiency x nominal); docs/model/networks.md has the points and the residuals.
 */
import type {Preset} from '../hardware.ts';
import {derived, measured, read, remembered} from './sources.ts';

/** Leaf, spine and leaf are four cables and six switch ports: (8 x 8.5 W + 6 x 11.7 W) / 400 Gb/s, at full load. */
const ENERGY = '8 transceivers of 8 to 9 W and 6 switch ports of 11.7 W (QM9700, 750 W) over 400 Gb/s';
const prices400 = {
  adapterPrice: remembered('1700 USD', 'ConnectX-7 class; no price was found'),
  transceiverPrice: read('optics', '712 USD', '400G DR4, 675 to 749'),
  pricesDated: read('optics', '2026-09'),
};

export const fabrics: readonly Preset[] = [
  {
    name: 'infiniband-ndr',
    summary: 'InfiniBand NDR, 400 Gb/s a port, GPUDirect RDMA',
    values: {
      efficiency: measured('neocloud', 0.9775, '391 of 400 Gb/s between two GPUs and their adapters'),
      startUp: read('rdma', '2 us', 'one-sided reads 1.5 to 3'),
      adapterLatency: derived('rdma', '1600 ns', 'one way of 1 KB, less a switch'),
      switchLatency: read('switches', '230 ns', 'sources say 130 to 330'),
      picojoulesPerBit: derived('arithmetic', 345, ENERGY),
      switchPortPrice: read('switches', '2344 USD', '150 thousand for 64 ports; calculators say 95 to 250 thousand'),
      ...prices400,
    },
  },
  {
    name: 'infiniband-xdr',
    summary: 'InfiniBand XDR, 800 Gb/s a port, GPUDirect RDMA',
    values: {
      efficiency: derived('neocloud', 0.9775, 'as NDR'),
      startUp: read('rdma', '2 us', 'one-sided reads 1.5 to 3'),
      adapterLatency: derived('rdma', '1600 ns', 'as NDR'),
      switchLatency: read('switches', '100 ns', 'an upper bound that resellers quote'),
      picojoulesPerBit: derived('arithmetic', 345, 'as NDR: twice the watts for twice the bits (an 800G cage: 17 W at most)'),
      adapterPrice: read('optics', '2519 USD', 'ConnectX-8 800G'),
      transceiverPrice: read('optics', '879 USD', '800G SR8; DR8 699 to 3067'),
      switchPortPrice: read('switches', '2778 USD', '400 thousand for 144 ports in a calculator'),
      pricesDated: read('optics', '2026-09'),
    },
  },
  {
    name: 'roce-400g',
    summary: 'RDMA over Ethernet, 400 Gb/s a port, tuned',
    values: {
      efficiency: derived('arithmetic', 0.97, '4096 of 4178 bytes a packet, less acknowledgements'),
      startUp: read('rdma', '3 us', 'about 3 through Ethernet'),
      adapterLatency: derived('rdma', '1600 ns', 'as InfiniBand'),
      switchLatency: read('switches', '250 ns', 'Tomahawk Ultra at full load; older switches 500 to 800 (remembered)'),
      picojoulesPerBit: derived('arithmetic', 345, ENERGY),
      switchPortPrice: read('switches', '2148 USD', '137.5 thousand (95 to 180) for 64 ports'),
      ...prices400,
    },
  },
  {
    name: 'ethernet-tcp',
    summary: 'TCP over Ethernet through host memory, 400 Gb/s a port',
    values: {
      efficiency: measured('neocloud', 0.2, '80 of 400 Gb/s without GPUDirect RDMA'),
      startUp: derived('simgrid', '50 us', 'slow start: 13 latencies (SimGrid LV08)'),
      adapterLatency: remembered('15 us', 'kernel sockets, both ends'),
      switchLatency: read('switches', '250 ns', 'as RoCE'),
      picojoulesPerBit: derived('arithmetic', 345, ENERGY),
      switchPortPrice: read('switches', '2148 USD', '137.5 thousand (95 to 180) for 64 ports'),
      ...prices400,
    },
  },
  {
    name: 'efa-200g',
    summary: 'AWS EFA, 200 Gb/s a port, GPU to GPU through the Mooncake transfer engine',
    values: {
      efficiency: measured('mooncake', 0.9125, '365 of 400 GB/s over 16 ports'),
      startUp: remembered('20 us'),
      messagesPerSecond: measured('mooncake', '92500 /s', '97 GB/s of 64 KiB, 191 of 128 KiB, over 16 ports'),
      adapterLatency: remembered('10 us'),
      switchLatency: remembered('500 ns'),
      picojoulesPerBit: derived('arithmetic', 345, `as 400G: ${ENERGY}`),
      adapterPrice: remembered('1700 USD', 'not sold; as ConnectX-7'),
      transceiverPrice: read('optics', '712 USD', 'as 400G DR4'),
      switchPortPrice: read('switches', '2148 USD', 'as RoCE'),
      pricesDated: read('optics', '2026-09'),
    },
  },
  {
    name: 'kv-vllm-roce',
    summary: 'KV cache from vLLM to vLLM through Mooncake over RoCE, 8 ports of 200 Gb/s, as measured',
    values: {
      efficiency: derived('mooncake', 0.72, '20 MB at 36.5 GB/s to 4.5 GB at 142.3, of 200 nominal; within 9 %'),
      startUp: derived('mooncake', '400 us', 'the same line'),
      adapterLatency: derived('rdma', '1600 ns', 'as InfiniBand'),
      switchLatency: read('switches', '250 ns', 'as RoCE'),
      picojoulesPerBit: derived('arithmetic', 345, ENERGY),
      switchPortPrice: read('switches', '2148 USD', 'as RoCE'),
      ...prices400,
    },
  },
  {
    name: 'kv-sglang',
    summary: 'KV cache from SGLang to SGLang through Mooncake, 4 ports of 400 Gb/s, as measured',
    values: {
      efficiency: derived('mooncake', 0.84, '49 MB at 23.8 GB/s to 12.6 GB at 164.3, of 200 nominal; within 9 %'),
      startUp: derived('mooncake', '1600 us', 'the same line'),
      adapterLatency: derived('rdma', '1600 ns', 'as InfiniBand'),
      switchLatency: read('switches', '250 ns', 'as RoCE'),
      picojoulesPerBit: derived('arithmetic', 345, ENERGY),
      switchPortPrice: read('switches', '2148 USD', 'as RoCE'),
      ...prices400,
    },
  },
];
