/** A host that a text names as something to connect to. */
export interface HostMention {
  /** In lower case, without the root's dot. */
  readonly host: string;
  /** Given beside it, or what its URL's scheme stands for. */
  readonly port: number | undefined;
  /** As it stands in the text, with the port where that stands behind it. */
  readonly written: string;
}

/** What a URL of this scheme connects to when it names no port. Source: IANA, and the clients of each product. */
const schemePorts: Readonly<Record<string, number>> = {
  amqp: 5672,
  amqps: 5671,
  bolt: 7687,
  http: 80,
  https: 443,
  kafka: 9092,
  ldap: 389,
  ldaps: 636,
  mariadb: 3306,
  memcached: 11211,
  mongodb: 27017,
  mqtt: 1883,
  mqtts: 8883,
  mysql: 3306,
  nats: 4222,
  neo4j: 7687,
  postgres: 5432,
  postgresql: 5432,
  redis: 6379,
  rediss: 6379,
  smtp: 25,
  sqlserver: 1433,
  ws: 80,
  wss: 443,
};

/** Longer texts are no settings, and would cost time. */
const longest = 4000;

/** Settings with one of these words name hosts without connecting to them: what may call, what is called so, an image. */
const otherUses = new Set(
  'advertise advertised alias aliases allow allowed allowlist annotation annotations audience bind callback cn cookie cors domain domains external image images issuer label labels listen listener listeners noproxy origin origins public redirect root san sans whitelist'.split(
    ' ',
  ),
);
const otherUse = /(^|_)(no_proxy|dns_names?|server_name|common_name|local_address)(_|$)/;

/** Last words of a setting whose whole value is a host. */
const hostWord =
  /(^|_)(\w*host|hosts|\w+_hostname|addr|addrs|address|addresses|url|urls|uri|uris|endpoint|endpoints|\w+_servers?|brokers|upstream|dsn)$/;

/** What settings have in common whose names are the same to people: `API_URL`, `api-url`, `apiUrl`, `api.url`. */
export function settingKey(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/_\d+$/, '');
}

function isForOther(name: string): boolean {
  const text = settingKey(name);
  return otherUse.test(text) || text.split('_').some((word) => otherUses.has(word));
}

/** A scan that costs little: false means that `hostsIn` finds nothing, and that the setting says nothing about another. */
export function maySayHost(name: string, text: string): boolean {
  if (text.length > longest || isForOther(name)) return false;
  return (
    /:\/\/|:\d|\.svc\b|\$\(|\b(host|server|source|nc|h)[ =]/i.test(text) ||
    hostWord.test(settingKey(name)) ||
    (/port$/i.test(name) && isNumber(text)) ||
    (isSwitch(name) && isOff(text))
  );
}

/**
 * The hosts that a setting says something connects to, each once: in URLs (also several, with a user, of JDBC), as
 * host:port, as a cluster name (`api.shop.svc`), in connection strings (`host=db port=5432`), in `nc`, `-h` and their kin,
 * and as the whole value where the setting's name says that it is a host. Nothing is looked up: a host may be any word.
 * Look-ups alone, and settings that name hosts for another reason (`NO_PROXY`, origins, images), give nothing.
 */
export function hostsIn(name: string, text: string): readonly HostMention[] {
  if (text.length > longest || isForOther(name)) return [];
  const found = new Map<string, HostMention>();
  const add = (host: string, port: string | number | undefined, written: string) => {
    const number = port === undefined ? undefined : Number(port);
    if (number !== undefined && (number < 1 || number > 65535)) return;
    const plain = host.toLowerCase().replace(/\.$/, '');
    if (!/^[a-z]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(plain)) return;
    // What is said with a port is not said again without.
    if (number === undefined && [...found.values()].some((each) => each.host === plain)) return;
    found.set(`${plain}:${number}`, { host: plain, port: number, written });
  };
  const rest = urlsIn(text.replace(/\b(nslookup|dig|getent\s+hosts)\s+(-\S+\s+)*\S+/g, ''), add);
  for (const [written, host = '', port] of rest.matchAll(
    /(?<![\w.-])([A-Za-z0-9][A-Za-z0-9.-]*)(?::(\d{1,5})(?![\w.@]))?/g,
  )) {
    if (port !== undefined || /^[^.]+(\.[^.]+){1,2}\.svc(\.|$)/i.test(host)) add(host, port, written);
  }
  const beside = /(?:^|[\s;])port\s*=\s*(\d+)/i.exec(rest)?.[1];
  for (const [, host = '', port] of rest.matchAll(
    /(?:^|[\s;])(?:host|server|data source)\s*=\s*(?:tcp:)?([\w.-]+)(?:,(\d+))?/gi,
  )) {
    add(host, port ?? beside, host);
  }
  for (const [, host = '', port] of rest.matchAll(
    /\b(?:nc|ncat|telnet)\s+(?:-\S+\s+(?:\d+\s+)?)*([A-Za-z][\w.-]*)\s+(\d+)\b/g,
  )) {
    add(host, port, host);
  }
  const client = /\b(?:pg_isready|psql|mysql|mysqladmin|redis-cli)\b.*?\s-h\s*=?\s*([\w.-]+)/.exec(rest);
  if (client?.[1] !== undefined) add(client[1], / -[pP]\s*(\d+)/.exec(rest)?.[1], client[1]);
  if (hostWord.test(settingKey(name)) && /^[\w.-]+(\s*,\s*[\w.-]+)*$/.test(rest)) {
    for (const host of rest.split(/\s*,\s*/)) add(host, undefined, host);
  }
  return [...found.values()];
}

type Add = (host: string, port: string | number | undefined, written: string) => void;

/** Reads the URLs of a text; gives the text without them. */
function urlsIn(text: string, add: Add): string {
  if (!text.includes('://')) return text;
  return text
    .replace(/,(?=[a-z][a-z0-9+.-]{0,20}:\/\/)/gi, ' ')
    .replace(
      /(?<![a-z0-9+.-])(?:jdbc:)?([a-z][a-z0-9+.-]{0,20}):\/\/([^\s"'`<>\\|;/?#]*)(?:[/?#][^\s"'`<>\\|;]*)?/gi,
      (_all, scheme: string, authority: string) => {
        for (const each of authority.slice(authority.lastIndexOf('@') + 1).split(',')) {
          const [written, host = '', port] = /^([\w.-]+)(?::(\d{1,5}))?$/.exec(each) ?? [];
          if (written === undefined) continue;
          const usual = schemePorts[scheme.toLowerCase()];
          // A URL of another scheme may name a bucket, an image or a file.
          if (port !== undefined || usual !== undefined || /\.svc(\.|$)/.test(host)) add(host, port ?? usual, written);
        }
        return ' ';
      },
    );
}

/** Top-level domains that are no usual name of a namespace, so that `name.ns` is not taken for a host outside. */
const publicName = /\.(com|net|org|io|gov|edu|eu|de|uk|fr|jp|cn)$/;

/** Whether a host is surely named for what stands outside of any cluster's DNS. */
export function isPublic(host: string): boolean {
  return publicName.test(host);
}

/** Whether a setting sends what goes outside through a proxy. */
export function namesProxy({ name }: { readonly name: string }): boolean {
  return /(^|_)(https?|all)_proxy$/.test(settingKey(name));
}

/** A setting's flags and assignments within a command: `--db-host=db`, `DB_HOST=db`. */
export function settingsIn(command: string): readonly { readonly name: string; readonly text: string }[] {
  if (command.length > longest) return [];
  const found = command.matchAll(/(?:^|\s)(?:--?([A-Za-z][\w.-]*)(?:=|\s+)|([A-Za-z_]\w*)=)["']?([^\s"'-][^\s"']*)/g);
  return [...found].map(([, flag, variable, text = '']) => ({ name: flag ?? variable ?? '', text }));
}

/** The key of the setting in which people give the port of what this one calls its host: `DB_HOST`, `DB_PORT`. */
export function portNameFor(name: string): string | undefined {
  const text = settingKey(name);
  const beside = text.replace(/(host(name)?|addr(ess)?|server|endpoint)s?$/, 'port');
  return beside === text ? undefined : beside;
}

/** The beginning of the names of what a setting turns off: `tracing_` for `TRACING_ENABLED=false`. */
export function turnedOffBy(name: string, text: string): string | undefined {
  return isSwitch(name) && isOff(text) ? settingKey(name).replace(/enabled?$/, '') : undefined;
}

function isSwitch(name: string): boolean {
  return /[_.-]enabled?$/i.test(name);
}

function isOff(text: string): boolean {
  return /^(false|0|no|off)$/i.test(text);
}

function isNumber(text: string): boolean {
  return /^\d{1,5}$/.test(text);
}
