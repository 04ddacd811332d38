/** Ten thousand drives in one scenario: what it takes. Run by run.mjs in a process of its own, whose memory is measured. */
import {catalogue, loadScenario, openSource, simulate} from '../../dist/index.js';

const text = `
version: 1
name: ten-thousand-drives
question: Do ten thousand drives fit?
model: llama-3.1-70b
servers: {preset: dgx-h200, count: 1250}
tiers:
  hbm: {kind: hbm, capacity: 120 GB}
  dram: {kind: dram, capacity: 40 GB}
  nvme: {kind: nvme, preset: samsung-pm9a3-3.84tb, drives: 8}
workload: {kind: agentSessions, sessions: {start: together, keep: 2500}}
limits: {requests: 6000}
`;
const scenario = loadScenario(text, {file: 'ten-thousand-drives.yaml'}, catalogue);
const {requests, tiers} = simulate(scenario, openSource(scenario, []));
const {user, system} = process.cpuUsage();
const gibibytes = process.resourceUsage().maxRSS / 2 ** 20;
console.log(
  `10,000 drives in 1,250 servers, ${requests.completed} requests, ${(tiers.nvme.writtenBytes / 1e9).toFixed(0)} GB written to them: ` +
    `${((user + system) / 1e6).toFixed(0)} CPU-s, ${gibibytes.toFixed(2)} GiB; goal <= 4 GiB: ${gibibytes <= 4 ? 'met' : 'missed'}`,
);
