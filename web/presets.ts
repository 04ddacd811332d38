/** The scenarios that one may begin with: the very files of scenarios/. */
import agents from '../scenarios/agents-on-one-server.yaml?raw';
import oneGpu from '../scenarios/one-gpu.yaml?raw';
import prefillAndDecode from '../scenarios/prefill-and-decode.yaml?raw';
import sharedFlash from '../scenarios/shared-flash.yaml?raw';

export interface Preset {
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

/** The first is the one to begin with. */
export const presets: readonly Preset[] = [
  {name: 'one-gpu', title: 'One H100, one drive', text: oneGpu},
  {name: 'agents-on-one-server', title: 'Coding agents on one DGX H200', text: agents},
  {name: 'shared-flash', title: 'Two servers and a shared shelf of flash', text: sharedFlash},
  {name: 'prefill-and-decode', title: 'Prompts on one B200 server, decode on another', text: prefillAndDecode},
];
