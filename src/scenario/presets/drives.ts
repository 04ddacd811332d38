/**
 * NVMe drives: data-sheet rates, and what is known of the inside. Latencies are of a 4 KiB read alone. `dies` counts planes where they read on their own:
 * raw capacity over the capacity of a die of that generation, times two planes, rounded to a multiple of the channels; all remembered.
 */
import type {Preset} from '../hardware.ts';
import {derived, read, remembered} from './sources.ts';

type Value = Preset['values'][string];
/** A bare value was read in the drive's source. */
type Given = string | number | Value;

interface Row {
  readonly capacity: Given;
  readonly rates: readonly [Given, Given];
  readonly iops: readonly [Given, Given];
  readonly latency: Value;
  readonly dwpd: Given;
  readonly watts: readonly [string, string];
  readonly inside: Preset['values'];
}

/** The drives whose power was read in their source. */
const powerRead = new Set(['micron-9550-max-12.8tb', 'micron-9650-30.72tb', 'solidigm-d7-ps1030-12.8tb']);

function drive(name: string, summary: string, source: string, row: Row): Preset {
  const value = (given: Given): Value => (typeof given === 'object' ? given : read(source, given));
  return {
    name,
    summary,
    values: {
      driveBytes: value(row.capacity),
      readBytesPerSecond: value(row.rates[0]),
      writeBytesPerSecond: value(row.rates[1]),
      readIops: value(row.iops[0]),
      writeIops: value(row.iops[1]),
      readLatency: row.latency,
      driveWritesPerDay: value(row.dwpd),
      activeWatts: powerRead.has(name) ? read(source, row.watts[0]) : remembered(row.watts[0]),
      idleWatts: read('lls', row.watts[1]),
      ...row.inside,
    },
  };
}

const qlc: Preset['values'] = {
  media: read('solidigm', 'qlc'),
  indirection: remembered('16 KiB'),
  programUnit: remembered('128 KiB', 'four pages, two planes'),
};

export const drives: readonly Preset[] = [
  drive('samsung-pm9a3-3.84tb', 'Samsung PM9A3 3.84 TB, PCIe 4 TLC', 'pm9a3', {
    capacity: '3.84 TB',
    rates: ['6.9 GB/s', '4.1 GB/s'],
    iops: ['1000 kIOPS', '200 kIOPS'],
    latency: remembered('85 us', '80 to 95'),
    dwpd: 1,
    watts: ['13 W', '5 W'],
    inside: {dies: remembered(128, '64 dies of 512 Gb')},
  }),
  drive('samsung-pm1743-15.36tb', 'Samsung PM1743 15.36 TB, PCIe 5 TLC', 'pm1743', {
    capacity: '15.36 TB',
    rates: ['14 GB/s', '7.1 GB/s'],
    iops: ['2500 kIOPS', '360 kIOPS'],
    latency: remembered('65 us', '55 to 75'),
    dwpd: 1,
    watts: ['23 W', '5 W'],
    inside: {dies: remembered(256, '128 dies of 1 Tb'), channelBytesPerSecond: remembered('2 GB/s')},
  }),
  drive('micron-9550-max-12.8tb', 'Micron 9550 MAX 12.8 TB, PCIe 5 TLC', 'micron9550', {
    capacity: '12.8 TB',
    rates: ['14 GB/s', '10 GB/s'],
    iops: ['3300 kIOPS', derived('micron9550', '900 kIOPS', '540 to 1200 by capacity')],
    latency: read('micron9550', '60 us'),
    dwpd: 3,
    watts: ['18 W', '5 W'],
    inside: {dies: remembered(256, '128 dies of 1 Tb'), channelBytesPerSecond: remembered('2.4 GB/s')},
  }),
  drive('micron-7450-pro-15.36tb', 'Micron 7450 PRO 15.36 TB, PCIe 4 TLC', 'micron7450', {
    capacity: '15.36 TB',
    rates: ['6.8 GB/s', '5.6 GB/s'],
    iops: [remembered('1000 kIOPS'), remembered('250 kIOPS')],
    latency: remembered('80 us'),
    dwpd: 1,
    watts: ['16 W', '5 W'],
    inside: {dies: remembered(256, '128 dies of 1 Tb')},
  }),
  drive('micron-9650-30.72tb', 'Micron 9650 30.72 TB, PCIe 6 TLC', 'micron9650', {
    capacity: '30.72 TB',
    rates: ['28 GB/s', '14 GB/s'],
    iops: [remembered('5500 kIOPS'), remembered('900 kIOPS')],
    latency: remembered('60 us'),
    dwpd: derived('micron9650', 1, '1 to 3 by model'),
    watts: ['25 W', '5 W'],
    inside: {dies: remembered(512, '256 dies of 1 Tb'), channelBytesPerSecond: remembered('3.6 GB/s')},
  }),
  drive('solidigm-d7-ps1010-7.68tb', 'Solidigm D7-PS1010 7.68 TB, PCIe 5 TLC', 'ps1030', {
    capacity: '7.68 TB',
    rates: ['14.5 GB/s', read('entssd', '9.3 GB/s', 'another source 10.5')],
    iops: [read('entssd', '3100 kIOPS', 'peak of the family; 2.8 to 3.2 M by capacity'), '400 kIOPS'],
    latency: remembered('60 us'),
    dwpd: read('entssd', 1),
    watts: ['23 W', '5 W'],
    inside: {dies: remembered(256, '128 dies of 512 Gb'), channelBytesPerSecond: remembered('1.6 GB/s')},
  }),
  drive('solidigm-d7-ps1030-12.8tb', 'Solidigm D7-PS1030 12.8 TB, PCIe 5 TLC', 'ps1030', {
    capacity: '12.8 TB',
    rates: ['14.5 GB/s', '10 GB/s'],
    iops: ['2750 kIOPS', '800 kIOPS'],
    latency: remembered('60 us'),
    dwpd: 3,
    watts: ['23 W', '5 W'],
    inside: {dies: remembered(512, '256 dies of 512 Gb'), channelBytesPerSecond: remembered('1.6 GB/s')},
  }),
  drive('solidigm-d5-p5336-61.44tb', 'Solidigm D5-P5336 61.44 TB, PCIe 4 QLC', 'solidigm', {
    capacity: '61.44 TB',
    rates: ['7 GB/s', '3.3 GB/s'],
    iops: ['1005 kIOPS', '38 kIOPS'],
    latency: remembered('110 us'),
    dwpd: read('dwpd', 0.58, '0.58 to 0.60, read for the 122.88 TB part'),
    watts: ['24 W', '5 W'],
    inside: {...qlc, dies: remembered(768, '384 dies of 1.33 Tb')},
  }),
  drive('solidigm-d5-p5336-122.88tb', 'Solidigm D5-P5336 122.88 TB, PCIe 4 QLC', 'solidigm', {
    capacity: '122.88 TB',
    rates: ['7.4 GB/s', '3.2 GB/s'],
    iops: ['930 kIOPS', '25 kIOPS'],
    latency: remembered('110 us'),
    dwpd: read('dwpd', 0.6),
    watts: ['24 W', '5 W'],
    inside: {...qlc, dies: remembered(1536, '768 dies of 1.33 Tb')},
  }),
  drive('kioxia-cm7-r-7.68tb', 'Kioxia CM7-R 7.68 TB, PCIe 5 TLC', 'kioxia', {
    capacity: '7.68 TB',
    rates: ['14 GB/s', '6.75 GB/s'],
    iops: ['2450 kIOPS', '300 kIOPS'],
    latency: remembered('65 us'),
    dwpd: 1,
    watts: ['23 W', '5 W'],
    inside: {dies: remembered(256, '128 dies of 512 Gb')},
  }),
  drive('kioxia-xl-flash-g5', 'Kioxia XL-FLASH drive, PCIe 5 SLC', 'xlflash', {
    capacity: remembered('3.2 TB'),
    rates: ['13.5 GB/s', '9.7 GB/s'],
    iops: ['3000 kIOPS', '1060 kIOPS'],
    latency: read('xlflash', '27 us'),
    dwpd: remembered(60),
    watts: ['25 W', '5 W'],
    inside: {
      media: read('xlflash', 'slc'),
      dies: remembered(256, '16 planes a die'),
      page: read('xlflash', '4 KiB'),
      programUnit: remembered('32 KiB'),
      programTime: remembered('75 us'),
    },
  }),
  drive('intel-optane-p5800x-3.2tb', 'Intel Optane P5800X 3.2 TB, PCIe 4', 'optane', {
    capacity: '3.2 TB',
    rates: [remembered('7.2 GB/s'), remembered('6.2 GB/s')],
    iops: ['1500 kIOPS', remembered('1350 kIOPS')],
    latency: read('optane', '13.4 us', 'one thread through the kernel, 74,875 IOPS; the device below 6'),
    dwpd: 100,
    watts: ['21 W', '5 W'],
    inside: {
      media: derived('arithmetic', 'slc', 'no page types'),
      dies: remembered(112, '7 channels of 16 dies'),
      channels: remembered(7),
      page: remembered('4 KiB'),
      programUnit: derived('arithmetic', '4 KiB', 'written in place'),
      programTime: remembered('10 us'),
      eraseTime: derived('arithmetic', '0 s', 'written in place'),
      senseSpread: derived('arithmetic', 0, 'no page types'),
    },
  }),
  {
    name: 'samsung-970-pro-512gb',
    summary: 'Samsung 970 PRO 512 GB, PCIe 3 MLC: the drive whose every constant is public',
    values: {
      driveBytes: read('nvmevirt', '512 GB'),
      readBytesPerSecond: read('nvmevirt', '3360 MiB/s', 'PCIE_BANDWIDTH; the data sheet says 3.5 GB/s'),
      writeBytesPerSecond: derived('nvmevirt', '2.34 GB/s', '16 dies x 32 KiB / (39 + 185 us); the data sheet says 2.3'),
      readLatency: derived('nvmevirt', '63.306 us', '21.5 us firmware + 35.76 us sensing + channel + PCIe'),
      writeLatency: derived('nvmevirt', '5.6 us', '4 us + 0.46 us per 4 KiB + PCIe'),
      driveWritesPerDay: remembered(0.6),
      activeWatts: remembered('5.7 W'),
      idleWatts: remembered('1 W'),
      media: read('nvmevirt', 'mlc'),
      dies: read('nvmevirt', 16, '8 channels x 2 LUNs'),
      channels: read('nvmevirt', 8),
      channelBytesPerSecond: read('nvmevirt', '800 MiB/s'),
      page: read('nvmevirt', '32 KiB'),
      programUnit: read('nvmevirt', '32 KiB'),
      programTime: read('nvmevirt', '185 us'),
      eraseTime: read('nvmevirt', '0 s', 'not modelled there'),
      suspendsMax: read('nvmevirt', 0, 'not modelled there'),
      senseSpread: derived('nvmevirt', 0.1678, '29.76 and 41.76 us'),
      firmwareTime: read('nvmevirt', '21.5 us'),
      overProvisioning: read('nvmevirt', 0.07),
    },
  },
];
