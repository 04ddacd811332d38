/** Where the numbers of the presets come from, by the id that each number names. Compiled 2026-11-22. */
import type {Preset} from '../hardware.ts';

export const sources: {readonly [id: string]: string} = {
  aic: 'github ai-dynamo/aiconfigurator @095f58a (2026-08-21), systems/*.yaml',
  aicm: 'github ai-dynamo/aiconfigurator @095f58a, model_configs/*_config.json (copies of Hugging Face config.json)',
  infsim: 'github inference-sim/inference-sim @f90a1e3a, hardware_config.json, defaults.yaml',
  ix: 'github SemiAnalysisAI/InferenceX @843c625, configs/runners.yaml',
  dgx: 'DGX H200 and DGX B200 data sheets; NVIDIA DGX Cloud benchmarking README',
  mlperf41: 'github mlcommons/inference_results_v4.1, closed/NVIDIA/systems/H200-SXM-141GBx8_TRT_MaxQ.json',
  mlperf61: 'github mlcommons/inference_results_v6.1, closed/{NVIDIA,Crusoe}/systems (VR-NVL72, GB200-NVL72)',
  b200s3: 'bandwidth runs on one rented B200, 2026-09-16',
  b300off: 'pinned-copy bandwidths on 8 x B300 SXM, 2026-08-20',
  gb300mem: 'GB300 memory-bandwidth notes, CUDA 13.2, pinned copy loops',
  rubin: 'NVIDIA Rubin per-GPU tables, public copies, 2026',
  amd: 'AMD MI300X and MI355X figures (ROCm notes; gpu.blog MI300X page; The Register 2025-06-12)',
  kvsurvey: 'public KV-offload platform survey; MI300X copies measured 2026-09-19',
  stream: 'KTH measurements of Grace Hopper, 2024-07 (STREAM 486 GB/s a Grace; C2C 375 GB/s to the GPU)',
  gh200dual: 'GH200 benchmarking, public notes: nvbandwidth on a server of two GH200, 2026-04-25',
  xgmi: 'Lenovo Press LP1852, xGMI links of the ThinkSystem SR665 V3 (EPYC 9004): 512 GB/s both ways over four links, 384 over three',
  vidur: 'github microsoft/vidur, data/profiling/network, all-reduce on a DGX H100',
  lls0: 'github casys-kaist/LLMServingSim @5daddb2, profiler/v0 (H100)',
  lls: 'github casys-kaist/LLMServingSim @5daddb2; bench/examples and profiler/perf (RTX PRO 6000)',
  neocloud: 'SemiAnalysis, AI Neocloud Playbook, 2024-10-03 (256 to 318 thousand USD a server); public calculators (350 to 400)',
  entssd: 'public enterprise-SSD matrix quoting vendor briefs, 2026-09-22',
  dwpd: 'public ledger of rated drive writes per day, Solidigm rows',
  cmx: 'NVIDIA developer blog and Vera Rubin POD blog, as quoted in a public note on CMX',
  rent: 'public GPU rental indices, March to September 2026',
  oci: 'blogs.oracle.com/cloud-infrastructure, WEKA proof of concept',
  pm9a3: 'heise.de 4720224; public HCache paper (shipping part)',
  pm1743: 'computerbase 2024-07 table; samsung.com extract',
  micron9550: 'storagereview.com, 9550 MAX; Micron 9550 brief',
  micron7450: 'servethehome.com, tweaktown.com (Micron 7450)',
  micron9650: 'tomshardware 2026-02-26 (Micron 9650)',
  ps1030: 'StorageReview, Solidigm D7-PS1030, 2026',
  solidigm: 'architecting.it; hwcooling.net (D5-P5336)',
  kioxia: 'computerbase 2024-07 table (CM7-R)',
  xlflash: 'techpowerup.com 306397 (Kioxia XL-FLASH Gen5)',
  optane: 'anandtech and kitguru reviews (P4800X, P5800X)',
  nvmevirt: 'github snu-csl/nvmevirt @61c90f7, ssd_config.h (970 PRO); pugetsystems part page',
  kvblog: 'github kvcache-ai/kvcache-blog @9753288, data/kv_cache_calculator/models.yaml',
  kvcalc: 'public KV cache calculator with Hugging Face configs',
  memory: 'from memory, not checked: look it up before relying on it',
  mooncake:
    'Mooncake documentation and blog, transfer benchmarks: KV cache of 128 to 32768 tokens (vLLM on 8 x RoCE, SGLang on 4 x 400G), EFA block sizes',
  rdma: 'D. Potter, thesis (ib_send_lat medians); public CXL and RDMA comparisons',
  switches: 'router-switch.com QM9700 FAQ; vendor latency notes; public cluster cost calculators, 2026',
  optics: 'optics and adapter price snapshots (FS.com, QSFPTEK, DigiKey, FlexOptix), 2026-09-22',
  simgrid: 'SimGrid 3.32, network models (LV08)',
  arithmetic: 'arithmetic from the other rows',
};

type Value = Preset['values'][string];

/** A number seen in its source. */
export const read = (source: string, value: string | number, note?: string): Value => cited(source, 'read', value, note);
/** Arithmetic from numbers that were read. */
export const derived = (source: string, value: string | number, note?: string): Value => cited(source, 'derived', value, note);
export const measured = (source: string, value: string | number, note?: string): Value => cited(source, 'measured', value, note);
/** From memory: wants checking. */
export const remembered = (value: string | number, note?: string): Value => cited('memory', 'remembered', value, note);

function cited(source: string, confidence: Value['confidence'], value: string | number, note: string | undefined): Value {
  return note === undefined ? {value, source, confidence} : {value, source, confidence, note};
}
