/**
 * What moto cannot play of AWS: public SSM parameters (it refuses their names), the price list (it crashes), and of EC2, all of which
 * comes by here, capacity reservations (it has none). And what a test decides about EC2, for the fleet in tools/karpenter: which
 * offerings have no capacity, which instances are lost.
 *
 * usage: aws-api.ts PORT ACCOUNT_JSON ADDRESS_OF_MOTO
 */
import { readFileSync } from 'node:fs';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { Accelerator } from '../../../lib/accelerators';
import { type CapacityReservation, CapacityReservations } from './capacity-reservations';

interface Account {
  readonly images: { readonly x86_64: string[]; readonly arm64: string[] };
}

const [port, accountFile, moto] = process.argv.slice(2) as [string, string, string];
const { images } = JSON.parse(readFileSync(accountFile, 'utf8')) as Account;

/** Our catalogue's prices; Karpenter has its own for the types that are not in it. */
const PRICES = Accelerator.catalogue().map((name) => {
  const accelerator = Accelerator.fromInstanceType(name);
  const [region] = accelerator.pricedRegions;
  return { name, price: region === undefined ? undefined : accelerator.onDemandUsdPerHour(region) };
}).filter(({ price }) => price !== undefined);

/** One image for each name: one image for two variants would make Karpenter find no type for it, at random. */
const parameters = new Map<string, string>();

function imageFor(name: string): string {
  const known = parameters.get(name);
  if (known !== undefined) return known;
  const image = (/arm64|aarch64/.test(name) ? images.arm64 : images.x86_64).pop();
  if (image === undefined) throw new Error(`no image is left for ${name}`);
  parameters.set(name, image);
  return image;
}

function answer(target: string, body: { Name?: string; Names?: string[] }): object {
  const parameter = (name: string): object => ({ Name: name, Type: 'String', Value: imageFor(name), Version: 1 });
  switch (target.split('.').pop()) {
    case 'GetProducts':
      return {
        FormatVersion: 'aws_v1',
        PriceList: PRICES.map(({ name, price }) => JSON.stringify({
          product: { attributes: { instanceType: name } },
          terms: { OnDemand: { term: { priceDimensions: { dimension: { pricePerUnit: { USD: String(price) } } } } } },
        })),
      };
    case 'GetParameter':
      return { Parameter: parameter(body.Name ?? '') };
    case 'GetParameters':
      return { Parameters: (body.Names ?? []).map(parameter), InvalidParameters: [] };
    default:
      throw new Error(`the box does not play ${target}`);
  }
}

/** So many more instances can be launched where this fits; an offering that fits none has capacity without end. */
interface Scarcity {
  readonly zone: string;
  /** Beginning of the instance type, such as "g6e." @default - every type */
  readonly types?: string;
  left: number;
}

let scarcities: Scarcity[] = [];
let refused: { type: string; zone: string }[] = [];
let lost: string[] = [];
const reservations = new CapacityReservations();

/** Takes one instance of an offering, if there is one. */
function take(type: string, zone: string): boolean {
  const found = scarcities.filter((scarcity) => scarcity.zone === zone && type.startsWith(scarcity.types ?? ''));
  if (found.some(({ left }) => left <= 0)) {
    refused.push({ type, zone });
    return false;
  }
  for (const scarcity of found) scarcity.left -= 1;
  return true;
}

/** What only tests and the fleet ask; undefined: an API of AWS is meant. */
function answerOfTest({ pathname, searchParams }: URL, method: string, body: string): { status: number; body?: unknown } | undefined {
  switch (`${method} ${pathname}`) {
    case 'GET /-/ready':
      return { status: 200 };
    case 'PUT /-/capacity':
      scarcities = JSON.parse(body) as Scarcity[];
      refused = [];
      return { status: 200 };
    case 'GET /-/capacity/refused':
      return { status: 200, body: refused };
    case 'POST /-/capacity/take':
      return { status: take(searchParams.get('type') ?? '', searchParams.get('zone') ?? '') ? 200 : 409 };
    case 'PUT /-/reservations':
      reservations.all = JSON.parse(body) as CapacityReservation[];
      return { status: 200 };
    case 'PUT /-/reservations/used':
      reservations.used = JSON.parse(body) as Record<string, number>;
      return { status: 200 };
    case 'PUT /-/lost':
      lost = JSON.parse(body) as string[];
      return { status: 200 };
    case 'GET /-/lost':
      return { status: 200, body: lost };
    default:
      return undefined;
  }
}

/** EC2 speaks forms, all others here JSON. */
function answerOfEc2(request: IncomingMessage, body: string, response: ServerResponse): void {
  const known = reservations.answer(body);
  if (known !== undefined) return void response.setHeader('content-type', 'text/xml').end(known);
  const call = forward(`${moto}${request.url}`, { method: request.method, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  call.once('error', () => response.destroy());
  call.end(body);
}

createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (data: string) => { body += data; }).on('end', () => {
    const forTest = answerOfTest(new URL(request.url ?? '/', 'http://box'), request.method ?? '', body);
    if (forTest !== undefined) {
      response.statusCode = forTest.status;
      return void response.end(JSON.stringify(forTest.body));
    }
    if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return answerOfEc2(request, body, response);
    const target = String(request.headers['x-amz-target'] ?? '');
    console.log(target, body.slice(0, 200));
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    try {
      response.end(JSON.stringify(answer(target, JSON.parse(body === '' ? '{}' : body) as object)));
    } catch (error) {
      response.statusCode = 400;
      response.end(JSON.stringify({ __type: 'InvalidRequest', message: String(error) }));
    }
  });
}).listen(Number(port), '127.0.0.1');
