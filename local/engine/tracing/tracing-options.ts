import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TracingOptions } from './tracing.ts';

/** Where traces go, as the command line and OpenTelemetry's names of the environment say it. */
export type OtlpCommandOptions = {
  readonly otlpEndpoint?: string;
  readonly otlpHeaders: Readonly<Record<string, string>>;
  readonly otlpServiceName: string;
  readonly otlpRatio: number;
};

const readUrl = (value: string): string => {
  if (!URL.canParse(value)) throw new InvalidArgumentError(`${value} is not a URL.`);
  return value;
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    throw new InvalidArgumentError('Headers are name=value,name=value, percent-encoded.');
  }
};

const readHeaders = (value: string): Record<string, string> =>
  Object.fromEntries(
    value
      .split(',')
      .filter((part) => part.includes('='))
      .map((part) => [decoded(part.slice(0, part.indexOf('='))), decoded(part.slice(part.indexOf('=') + 1))]),
  );

const readRatio = (value: string): number => {
  const ratio = Number(value);
  if (ratio >= 0 && ratio <= 1) return ratio;
  throw new InvalidArgumentError('A ratio is a number from 0 to 1.');
};

const option = (flags: string, about: string, name: string): Option => new Option(flags, about).env(name);

/** Options that say where traces go. */
export const addTracingOptions = (command: Command): Command =>
  command
    .addOption(
      option('--otlp-endpoint <url>', 'OTLP/HTTP collector of traces', 'OTEL_EXPORTER_OTLP_ENDPOINT').argParser(
        readUrl,
      ),
    )
    .addOption(
      option('--otlp-headers <list>', 'headers for it', 'OTEL_EXPORTER_OTLP_HEADERS')
        .argParser(readHeaders)
        .default({})
        .hideHelp(),
    )
    .addOption(
      option('--otlp-service-name <name>', 'who it is told did it', 'OTEL_SERVICE_NAME')
        .default('papilio-engine')
        .hideHelp(),
    )
    .addOption(
      option('--otlp-ratio <part>', 'part of the traces begun here that it is told', 'OTEL_TRACES_SAMPLER_ARG')
        .argParser(readRatio)
        .default(1),
    );

/** The tracing that options ask for; none without a collector. */
export const tracingOf = (options: OtlpCommandOptions): TracingOptions | undefined =>
  options.otlpEndpoint === undefined
    ? undefined
    : {
        endpoint: options.otlpEndpoint,
        headers: options.otlpHeaders,
        serviceName: options.otlpServiceName,
        ratio: options.otlpRatio,
      };
