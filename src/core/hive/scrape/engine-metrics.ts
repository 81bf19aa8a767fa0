/** What the engines call what the router wants to know. */
export type EngineMetrics = {
  /** Requests that are being answered. */
  readonly inFlight: string;
  /** Requests that wait. */
  readonly queueDepth: string;
  /** Generated tokens per second. */
  readonly tokensPerSec: string;
  /** Generated tokens since the engine has started. */
  readonly generatedTokens: string;
};

/** One table per engine. Their names have nothing in common, so that a text tells by itself which engine it is of. */
export const engineMetrics: Readonly<Record<'llama.cpp' | 'vllm' | 'sglang', EngineMetrics>> = {
  'llama.cpp': {
    inFlight: 'llamacpp:requests_processing',
    queueDepth: 'llamacpp:requests_deferred',
    tokensPerSec: 'llamacpp:predicted_tokens_seconds',
    generatedTokens: 'llamacpp:tokens_predicted_total',
  },
  vllm: {
    inFlight: 'vllm:num_requests_running',
    queueDepth: 'vllm:num_requests_waiting',
    // Only engines before V1 have it; the others have the counter alone.
    tokensPerSec: 'vllm:avg_generation_throughput_toks_per_s',
    generatedTokens: 'vllm:generation_tokens_total',
  },
  sglang: {
    inFlight: 'sglang:num_running_reqs',
    queueDepth: 'sglang:num_queue_reqs',
    tokensPerSec: 'sglang:gen_throughput',
    generatedTokens: 'sglang:generation_tokens_total',
  },
};
