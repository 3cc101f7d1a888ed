import * as z from 'zod';
import { AwsError } from '../engine/part.ts';
import { isObject, type JsonObject, parseJson } from '../stepfunctions/json.ts';
import { seededUuid } from '../stepfunctions/random.ts';
import type { EventsConfig, Rule, Target } from './config.ts';
import { type Delivery, deliver, patience } from './delivery.ts';
import type { EventsDesk } from './desk.ts';

const MAX_ENTRIES = 10;
const MAX_BYTES = 262_144;

const Entry = z.object({
  Time: z.union([z.string(), z.number()]).optional(),
  Source: z.string().optional(),
  Resources: z.array(z.string()).default([]),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  EventBusName: z.string().default('default'),
  TraceHeader: z.string().optional(),
});
type Entry = z.infer<typeof Entry>;

const PutEvents = z.object({ Entries: z.array(Entry), EndpointId: z.string().optional() });

type Bus = EventsConfig['EventBuses'][number];
type Outcome = { readonly EventId: string } | { readonly ErrorCode: string; readonly ErrorMessage: string };

/** An entry that is not taken; the others are. */
const refused = (ErrorCode: string, ErrorMessage: string): Outcome => ({ ErrorCode, ErrorMessage });

const required = (name: string): Outcome =>
  refused('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);

const isEntry = (parts: Entry | Outcome): parts is Entry => !('ErrorCode' in parts);

const checkedEntry = (entry: Entry): Entry | Outcome => {
  if (!entry.Source) return required('Source');
  if (!entry.DetailType) return required('DetailType');
  if (!entry.Detail) return required('Detail');
  if (entry.Source.startsWith('aws.'))
    return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  return isObject(parseJson(entry.Detail)) ? entry : refused('MalformedDetail', 'Detail is malformed.');
};

const timeOf = (time: string | number | undefined, nowMs: number): string => {
  const ms = time === undefined ? nowMs : typeof time === 'number' ? time * 1000 : Date.parse(time);
  return new Date(Number.isNaN(ms) ? nowMs : ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
};

const eventOf = ({ post, region, nowMs }: EventsDesk, entry: Entry, id: string): JsonObject => ({
  version: '0',
  id,
  'detail-type': entry.DetailType ?? '',
  source: entry.Source ?? '',
  account: post.account,
  time: timeOf(entry.Time, nowMs()),
  region,
  resources: entry.Resources,
  detail: parseJson(entry.Detail ?? '') ?? {},
});

const webHeaders = {
  'Content-Type': 'application/json; charset=utf-8',
  'User-Agent': 'Amazon/EventBridge/ApiDestinations',
};

const placeOf = (target: Target, id: string, from: string): Delivery['order']['place'] => {
  const { Arn, Endpoint = '', HttpMethod: method, HttpParameters, ConnectionArn, SqsParameters } = target;
  // Named after the event and the target, so that a repeat finds its name taken.
  if (Arn?.kind === 'machine') return { kind: 'machine', arn: Arn.arn, name: `${id}_${seededUuid(from)}` };
  if (Arn?.kind === 'queue') {
    const group = SqsParameters?.MessageGroupId;
    const dedup = Arn.queue.name.endsWith('.fifo') ? { dedup: id } : {};
    return { kind: 'queue', queue: Arn.queue, ...(group !== undefined && { group, ...dedup }) };
  }
  const url = new URL(Endpoint);
  for (const [name, value] of Object.entries(HttpParameters.QueryStringParameters)) url.searchParams.set(name, value);
  const headers = { ...webHeaders, ...HttpParameters.HeaderParameters };
  return {
    kind: 'web',
    url: url.href,
    method,
    headers,
    ...(ConnectionArn !== undefined && { connectionArn: ConnectionArn }),
  };
};

const deliveriesOf = (desk: EventsDesk, bus: Bus, rule: Rule, event: JsonObject): readonly Delivery[] => {
  const path = bus.Name === 'default' ? rule.Name : `${bus.Name}/${rule.Name}`;
  const arn = `arn:aws:events:${desk.region}:${desk.post.account}:rule/${path}`;
  const told = { name: rule.Name, arn, ingestedAt: new Date(desk.nowMs()).toISOString() };
  return rule.Targets.map((target) => {
    const from = `${arn}#${target.Id}`;
    const place = placeOf(target, String(event.id), from);
    const order = { place, ...patience(target.RetryPolicy, target.DeadLetterConfig?.Arn), from };
    return { order, body: target.transform(event, told) };
  });
};

const putOne = async (desk: EventsDesk, given: Entry, id: string): Promise<Outcome> => {
  const entry = checkedEntry(given);
  if (!isEntry(entry)) return entry;
  const name = /^arn:[^:]+:events:[^:]*:\d{12}:event-bus\/(.+)$/.exec(entry.EventBusName)?.[1] ?? entry.EventBusName;
  const bus = desk.config.EventBuses.find(({ Name }) => Name === name);
  if (!bus && name !== 'default') return refused('ResourceNotFoundException', `Event bus ${name} does not exist.`);
  const event = eventOf(desk, entry, id);
  const matching = (bus?.Rules ?? []).filter(({ State, EventPattern }) => State === 'ENABLED' && EventPattern(event));
  const deliveries = matching.flatMap((rule) => (bus ? deliveriesOf(desk, bus, rule, event) : []));
  await Promise.all(deliveries.map((delivery) => deliver(desk.post, delivery)));
  return { EventId: id };
};

const sizeOf = (entries: readonly Entry[]): number =>
  entries.reduce(
    (sum, { Time, Source = '', DetailType = '', Detail = '', Resources }) =>
      sum + (Time === undefined ? 0 : 14) + Buffer.byteLength(Source + DetailType + Detail + Resources.join('')),
    0,
  );

/** PutEvents: each entry has its own answer; it comes when all targets have been told, or will be after any restart. */
export const putEvents = async (desk: EventsDesk, input: unknown, seed: string): Promise<object> => {
  const parsed = PutEvents.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new AwsError('ValidationException', `${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { Entries: entries } = parsed.data;
  if (entries.length < 1 || entries.length > MAX_ENTRIES) {
    const rule = `Member must have length ${entries.length < 1 ? 'greater than or equal to 1' : 'less than or equal to 10'}`;
    const value = `Value '[]' at 'entries' failed to satisfy constraint`;
    throw new AwsError('ValidationException', `1 validation error detected: ${value}: ${rule}`);
  }
  if (sizeOf(entries) > MAX_BYTES) {
    throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.');
  }
  const Entries = await Promise.all(entries.map((entry, at) => putOne(desk, entry, seededUuid(`event/${seed}/${at}`))));
  return { FailedEntryCount: Entries.filter((outcome) => 'ErrorCode' in outcome).length, Entries };
};
