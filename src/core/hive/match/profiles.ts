import type { RoutingOptions } from '../catalogue.ts';

/** Points for a value up to a limit. */
type Band = { readonly atMost: number; readonly points: number };
type NamedBand = Band & { readonly reason: string };

/** All the numbers that a score is made with. */
export type ScoreProfile = {
  readonly role: {
    readonly text: number;
    readonly family: number;
    readonly runtime: number;
    readonly benchmark: number;
  };
  readonly service: { readonly text: number; readonly runtime: number; readonly benchmark: number };
  readonly runtime: {
    readonly busy: number;
    readonly loaded: number;
    /** Milliseconds; the first that holds. */
    readonly latency: readonly NamedBand[];
    /** Tokens in a second; the first that holds. */
    readonly throughput: readonly {
      readonly atLeast: number;
      readonly points: number;
      readonly reason: string;
    }[];
    readonly queue: { readonly perRequest: number; readonly most: number };
  };
  readonly benchmark: {
    readonly overlap: number;
    readonly quality: number;
    /** From this quality on, the fit is called strong. */
    readonly strongFrom: number;
  };
  readonly quality: {
    /** Results that say how right the answers were; the best one counts. */
    readonly correctness: readonly string[];
    readonly speed: {
      readonly fullAt: number;
      readonly most: number;
      readonly ttft: readonly Band[];
    };
    /** Shares of both; undefined adds them up. */
    readonly shares: { readonly correctness: number; readonly speed: number } | undefined;
  };
};

const v1: ScoreProfile = {
  role: { text: 0.3, family: 0.15, runtime: 0.3, benchmark: 0.25 },
  service: { text: 0.2, runtime: 0.45, benchmark: 0.35 },
  runtime: {
    busy: 0,
    loaded: 0.35,
    latency: [
      { atMost: 1500, points: 0.3, reason: 'low observed latency' },
      { atMost: 4000, points: 0.18, reason: 'moderate observed latency' },
      { atMost: Number.POSITIVE_INFINITY, points: 0.05, reason: 'high but usable latency' },
    ],
    throughput: [
      { atLeast: 20, points: 0.2, reason: 'good observed throughput' },
      { atLeast: 8, points: 0.1, reason: 'usable observed throughput' },
    ],
    queue: { perRequest: 0.03, most: 0.15 },
  },
  benchmark: { overlap: 0.55, quality: 0.45, strongFrom: 0.6 },
  quality: {
    correctness: ['quality_score', 'pass_rate'],
    speed: {
      fullAt: 100,
      most: 0.35,
      ttft: [
        { atMost: 1000, points: 0.25 },
        { atMost: 2500, points: 0.15 },
        { atMost: Number.POSITIVE_INFINITY, points: 0.05 },
      ],
    },
    shares: undefined,
  },
};

// Another 0.13 of a role is for a guardrail profile, which roles do not have here.
const v2: ScoreProfile = {
  role: { text: 0.25, family: 0.12, runtime: 0.25, benchmark: 0.25 },
  service: v1.service,
  runtime: { ...v1.runtime, busy: 0.1 },
  benchmark: v1.benchmark,
  quality: {
    correctness: [
      'quality_score',
      'pass_rate',
      'terminal_accuracy',
      'completion_rate',
      'terminal_tool_completion_rate',
      'tool_success_rate',
    ],
    speed: {
      fullAt: 80,
      most: 0.5,
      ttft: [
        { atMost: 500, points: 0.5 },
        { atMost: 1000, points: 0.4 },
        { atMost: 2500, points: 0.25 },
        { atMost: Number.POSITIVE_INFINITY, points: 0.1 },
      ],
    },
    shares: { correctness: 0.65, speed: 0.35 },
  },
};

/** The numbers of both ways to score. */
export const scoreProfiles: Readonly<Record<RoutingOptions['profile'], ScoreProfile>> = { v1, v2 };
