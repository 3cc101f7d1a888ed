import * as z from 'zod';
import { PapilioError } from './errors.ts';
import { DetectorState } from './schema/detector-state.ts';
import { Instance, Wing } from './schema/id.ts';

const count = (fallback: number, max: number) => z.coerce.number().int().min(1).max(max).default(fallback);

/** Words with commas between them. */
const words = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text) =>
      text
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== ''),
    );

/** The environment of a function or plane: parsed once; nothing else reads `process.env`. */
export const Config = z.object({
  /** Which papilio this is: `prod`, `test` or `dev-<name>`; in every id, and fixed in a data folder by its first start. */
  PAPILIO_INSTANCE: Instance.default('dev-local'),
  /** The host laboratory whose wing this is: `bnl` or `jlab`. */
  PAPILIO_WING: Wing.default('bnl'),
  /** Rises by takeover only. */
  PAPILIO_EPOCH: count(1, 1_000_000),
  /** Version and commit that every event names. */
  PAPILIO_BUILD: z.string().default('papilio-0.1.0'),
  /** `info` is what an operator would tell a colleague. */
  PAPILIO_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Collector that the planes' engines tell, by OTLP over HTTP, what executions did; OpenTelemetry's own name. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** Part of the traces begun here that it is told; OpenTelemetry's own name. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  /** The region in ARNs. */
  PAPILIO_REGION: z.string().default('us-east-1'),
  /** `stack.json` of the stack on which the planes work; without it each has an engine, a store and objects of its own. */
  PAPILIO_STACK: z.string().optional(),
  /** Where the functions of a plane on a stack run: in processes of their own under Lambda's runtime, or in the plane's. */
  PAPILIO_FUNCTIONS: z.enum(['process', 'in-plane']).default('in-plane'),
  /** The plane whose function this is, where a function runs on its own. */
  PAPILIO_PLANE: z.enum(['archive', 'work']).optional(),
  /** Where DAQ leaves STF files, for a function that runs on its own. */
  PAPILIO_INCOMING: z.string().default('incoming'),
  /** Endpoints of services that are not AWS's own; the SDK's own names. */
  AWS_ENDPOINT_URL_SFN: z.url({ protocol: /^https?$/ }).optional(),
  AWS_ENDPOINT_URL_SQS: z.url({ protocol: /^https?$/ }).optional(),
  AWS_ENDPOINT_URL_DYNAMODB: z.url({ protocol: /^https?$/ }).optional(),
  AWS_ENDPOINT_URL_S3: z.url({ protocol: /^https?$/ }).optional(),
  /** Who may use the buckets, where that is not who may use the rest of AWS: MinIO. */
  PAPILIO_S3_ACCESS_KEY_ID: z.string().optional(),
  PAPILIO_S3_SECRET_ACCESS_KEY: z.string().optional(),
  /** The key by which papilio's processes know what comes from each other, for a function that runs on its own on a stack. */
  PAPILIO_SEAL_KEY_FILE: z.string().optional(),
  /** JSON file of the connections by which HTTP tasks and webhooks are authorized. */
  PAPILIO_CONNECTIONS: z.string().optional(),
  /** TOML or JSON file of SNS topics and event buses; each plane has them under its own account. */
  PAPILIO_EVENTS: z.string().optional(),
  /** Hosts, addresses or networks, with commas between, that HTTP tasks and webhooks may reach though private. */
  PAPILIO_ALLOW_PRIVATE_HTTP: z.string().optional(),
  /** Issuers whose access tokens are taken, with commas between, each as its tokens name it. */
  PAPILIO_OIDC_ISSUER: words(''),
  /** What tokens name as their audience if they are for this papilio, with commas between; needed with an issuer. */
  PAPILIO_OIDC_AUDIENCE: words(''),
  /** Tokens are taken for so long after they were made, whatever they say. */
  PAPILIO_OIDC_MAX_AGE_S: count(86_400, 2_592_000),
  /** Tokens are refused that were made to hold longer (`exp` less `iat`); the WLCG profile has 6 h at most. */
  PAPILIO_OIDC_MAX_LIFETIME_S: count(172_800, 400_000_000),
  /** `true` takes tokens that are of no profile: neither with `wlcg.ver` nor SciTokens, such as those of Keycloak. */
  PAPILIO_OIDC_ALLOW_WITHOUT_WLCG_VER: z.enum(['true', 'false']).default('false'),
  /** `true` takes issuers of plain HTTP on this machine: for tests only. */
  PAPILIO_OIDC_ALLOW_LOOPBACK_HTTP: z.enum(['true', 'false']).default('false'),
  /** JSON file that says which groups, scopes and people have which roles. */
  PAPILIO_ROLES_FILE: z.string().optional(),
  /** The address under which people reach papilio, such as `https://papilio.example.org`; its name is taken as papilio's own. */
  PAPILIO_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** File with the secret by which the TLS front shows that it is the one; only then its words about certificates count. */
  PAPILIO_TLS_FRONT_SECRET_FILE: z.string().optional(),
  /** Folder of the authorities whose certificates are taken, with their revocation lists and signing policies. */
  PAPILIO_X509_CA_FOLDER: z.string().optional(),
  /** Where signed heads of the event logs go: a file outside the data folder, or a bucket with object lock, `https://s3.example.org/bucket/prefix`. */
  PAPILIO_ANCHOR: z.string().min(1).optional(),
  /** Who may put into that bucket. */
  PAPILIO_ANCHOR_ACCESS_KEY_ID: z.string().optional(),
  PAPILIO_ANCHOR_SECRET_ACCESS_KEY: z.string().optional(),
  /** Longest time after an event until a head is anchored that covers it. */
  PAPILIO_ANCHOR_EVERY_S: count(60, 86_400),
  /** Events after which one is anchored earlier. */
  PAPILIO_ANCHOR_EVERY_EVENTS: count(10_000, 10_000_000),
  /** Slots of the `local` facility; the default leaves one core to papilio. */
  PAPILIO_LOCAL_SLOTS: z.coerce.number().int().min(1).max(1024).optional(),
  /** How many days the record and log of a successful attempt are kept after its output is registered. */
  PAPILIO_KEEP_SUCCEEDED_DAYS: z.coerce.number().positive().max(36_500).default(7),
  /** How many days the record and log of any other attempt are kept after its end is recorded. */
  PAPILIO_KEEP_FAILED_DAYS: z.coerce.number().positive().max(36_500).default(30),
  /** Size at which a file in `log/` is closed and the next one begins. */
  PAPILIO_LOG_FILE_MB: z.coerce.number().positive().max(10_000).default(64),
  /** Closed files that are kept of each log. */
  PAPILIO_LOG_FILES: count(5, 1_000),
  /** What the work plane may hold, payloads included; without it the disk is the limit. */
  PAPILIO_WORK_QUOTA_MB: z.coerce.number().positive().optional(),
  /** Free space at which the work plane stops, so that the archive plane has it. */
  PAPILIO_ARCHIVE_RESERVE_MB: z.coerce.number().min(0).default(256),
  /** Rate at which a plane reads its archive or outputs, and its records, again to check them; 0 turns it off. 8 without it; 0 on a stack. */
  PAPILIO_SCRUB_MB_PER_S: z.coerce.number().min(0).max(10_000).optional(),
  /** Time from the beginning of one such pass over everything to the next; 0 goes on without a break. */
  PAPILIO_SCRUB_EVERY_H: z.coerce.number().min(0).max(8_760).default(24),
  /** For how long nothing of an ended run may be catalogued or settled before it is merged without the STFs that it lacks. */
  PAPILIO_RUN_CLOSE_S: count(60, 86_400),
  /** How long no STF may come before the stream counts as silent. */
  PAPILIO_SILENCE_S: count(10, 86_400),
  /** States of the detector, with commas between them, that suspend processing; archiving goes on in every state. */
  PAPILIO_SUSPEND_STATES: words('off').pipe(z.array(DetectorState)),
  /** How long an announced STF file may stay away before it counts as lost. */
  PAPILIO_FILE_WAIT_S: count(60, 604_800),
  /** TFs in a nominal STF: the stride of TF numbers from one sequence number to the next. */
  PAPILIO_TFS_PER_STF: count(1000, 10_000),
  /** Bunch crossings in a TF. */
  PAPILIO_BX_PER_TF: count(65_536, 1_048_576),
  /** Folder of the payloads that the `local` facility runs. */
  PAPILIO_PAYLOAD_FOLDER: z.string().default('local/sim/payload'),
  /** The Node that runs them. */
  PAPILIO_PAYLOAD_NODE: z.string().default(process.execPath),
  /** Simulated faults of payloads by STF name, `{"swf.1001.000003.stf":"hang"}`: for tests and exercises. */
  PAPILIO_PAYLOAD_FAULTS: z
    .string()
    .default('{}')
    .transform((text, context) => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue('not JSON');
        return z.NEVER;
      }
    })
    .pipe(z.record(z.string(), z.string())),
  /** File to which payloads report their starts and ends, for tests that count side effects from outside. */
  PAPILIO_PAYLOAD_TALLY: z.string().optional(),
  /** How long a payload may run, instead of its class's limit: for tests and small machines. */
  PAPILIO_PAYLOAD_TIMEOUT_S: z.coerce.number().positive().optional(),
  /** What a payload may write, likewise. */
  PAPILIO_PAYLOAD_DISK_MB: z.coerce.number().int().positive().optional(),
  /** Moment, in milliseconds since 1970, before which a process's clock does not begin; set by the supervisor. */
  PAPILIO_CLOCK_FLOOR_MS: z.coerce.number().min(0).default(0),
});
export type Config = z.infer<typeof Config>;

/** @throws config-invalid naming the variable. */
export const readConfig = (environment: Readonly<Record<string, string | undefined>> = process.env): Config => {
  const parsed = Config.safeParse(environment);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new PapilioError('config-invalid', `${issue?.path.join('.') ?? 'environment'}: ${issue?.message ?? 'invalid'}`);
};

/** The environment as it is, for a program that hands it on to the processes it starts. */
export const environment = (): Readonly<Record<string, string | undefined>> => process.env;

/** The moment before which this process's clock does not begin; 0 where nobody set one, or none that is a moment. */
export const clockFloorMs = (): number =>
  Config.shape.PAPILIO_CLOCK_FLOOR_MS.catch(0).parse(process.env.PAPILIO_CLOCK_FLOOR_MS);
