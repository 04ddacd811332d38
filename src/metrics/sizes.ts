/** What `tierscape size` says. Bytes, tokens, seconds, per second; Infinity where a tier is unlimited. */
export interface Sizes {
  readonly scenario: string;
  readonly model: string;
  /** KV cache of a token, all layers, once. */
  readonly bytesPerToken: number;
  readonly blockBytes: number;
  readonly sessionTokens: number;
  readonly sessionBytes: number;
  /** HBM of one instance. */
  readonly instance: {
    readonly gpus: number;
    readonly capacityBytes: number;
    readonly weightBytes: number;
    readonly reserveBytes: number;
    readonly kvBytes: number;
  };
  readonly tiers: readonly {
    readonly name: string;
    readonly pools: number;
    readonly capacityBytes: number;
    readonly blocks: number;
    readonly tokens: number;
    readonly sessions: number;
  }[];
  /** Bandwidth to an instance above which loading a context is faster than computing it. */
  readonly breakEven: readonly {readonly tokens: number; readonly prefillSeconds: number; readonly bytesPerSecond: number}[];
  /** Most that all instances can do with sessions of this context. */
  readonly bounds: {readonly prefillTokensPerSecond: number; readonly decodeTokensPerSecond: number; readonly decodeBatch: number};
}
