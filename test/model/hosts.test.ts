import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostsIn, maySayHost, portNameFor, settingKey, settingsIn, turnedOffBy } from '#server/model/hosts.js';

/** A setting, and the hosts in it as `host:port`, or `host` where no port is said. */
const named: readonly (readonly [name: string, text: string, hosts: readonly string[]])[] = [
  // URLs
  ['API_URL', 'http://api:8080/v1', ['api:8080']],
  ['API_URL', 'https://api.shop.svc.cluster.local/v1?x=http', ['api.shop.svc.cluster.local:443']],
  ['', 'http://api', ['api:80']],
  ['DATABASE_URL', 'postgres://user:p%40ss@db.shop:5433/app?sslmode=disable', ['db.shop:5433']],
  ['DATABASE_URL', 'postgresql+psycopg2://u:p@db:5432/app', ['db:5432']],
  ['SPRING_DATASOURCE_URL', 'jdbc:postgresql://db/app', ['db:5432']],
  ['SPRING_DATASOURCE_URL', 'jdbc:sqlserver://sql:1433;databaseName=app', ['sql:1433']],
  ['SPRING_DATASOURCE_URL', 'jdbc:oracle:thin:@ora:1521:xe', ['ora:1521']],
  ['MONGO', 'mongodb://m-0.m:27017,m-1.m:27017/app?replicaSet=rs0', ['m-0.m:27017', 'm-1.m:27017']],
  ['NATS_URLS', 'nats://a:4222,nats://b', ['a:4222', 'b:4222']],
  ['CELERY_BROKER_URL', 'amqp://guest:guest@rabbit//', ['rabbit:5672']],
  ['CACHE', 'redis://:secret@redis:6379/0', ['redis:6379']],
  ['MYSQL_DSN', 'user:pass@tcp(mysql:3306)/app', ['mysql:3306']],
  // host:port, lists, names of the cluster
  ['KAFKA_BROKERS', 'kafka-0.kafka:9092,kafka-1.kafka:9092', ['kafka-0.kafka:9092', 'kafka-1.kafka:9092']],
  ['PRODUCT_CATALOG_SERVICE_ADDR', 'catalog:3550', ['catalog:3550']],
  ['', '--upstream=api:8080', ['api:8080']],
  ['', 'wait-for-it db:5432 -- ./app', ['db:5432']],
  ['anything', 'API.shop.svc.', ['api.shop.svc']],
  ['anything', 'db-0.db.shop.svc.cluster.local', ['db-0.db.shop.svc.cluster.local']],
  // connection strings and commands
  ['DSN', 'host=db port=5433 user=postgres dbname=postgres', ['db:5433']],
  ['ConnectionStrings__App', 'Host=db;Database=app;Username=postgres', ['db']],
  ['ConnectionStrings__App', 'Server=tcp:sql,1433;Database=app', ['sql:1433']],
  ['ConnectionStrings__App', 'Data Source=sql;Initial Catalog=app', ['sql']],
  ['', 'until nc -z -w 2 db 5432; do sleep 1; done', ['db:5432']],
  ['', 'until pg_isready -h db -p 5433 -U postgres; do sleep 2; done', ['db:5433']],
  ['', 'redis-cli -h redis ping', ['redis']],
  // what is said with a port is not said again without; other ports are
  ['', 'wait-for-it db:5432 && pg_isready -h db', ['db:5432']],
  ['', 'curl http://api:8080/a http://api:9090/b', ['api:8080', 'api:9090']],
  ['', 'wait-for-it db:1 cache:65535', ['db:1', 'cache:65535']],
  // the name says that it is a host
  ['DB_HOST', 'postgres', ['postgres']],
  ['PGHOST', 'postgres', ['postgres']],
  ['db.host', 'postgres.shop', ['postgres.shop']],
  ['db-hosts', 'a, b', ['a', 'b']],
  ['redisHost', 'redis', ['redis']],
  ['CACHE_ENDPOINT', 'redis', ['redis']],
  ['SMTP_SERVER', 'mail', ['mail']],
  ['MEMCACHED_HOST_1', 'memcached', ['memcached']],
  // near misses
  ['POSTGRES_USER', 'postgres', []],
  ['DB_NAME', 'postgres', []],
  ['POSTGRES_PASSWORD', 'postgres', []],
  ['CACHE_BACKEND', 'redis', []],
  ['OTEL_SERVICE_NAME', 'api', []],
  ['SCHEDULE', '12:30', []],
  ['VERSION', '1.2.3:4', []],
  ['DB_HOST', '10.0.0.1', []],
  ['DB_HOST', '$(HOST)', []],
  ['LOG_LEVEL', 'info', []],
  ['MESSAGE', 'ask api or postgres', []],
  ['FILE', 'file:///etc/api', []],
  ['BUCKET', 's3://postgres/backup', []],
  ['IMAGE', 'redis:7', []],
  ['JOB_IMAGE_URL', 'http://registry:5000/app', []],
  ['NO_PROXY', 'localhost,api.shop.svc,db:5432', []],
  ['no-proxy', '.svc,api.shop.svc', []],
  ['ALLOWED_ORIGINS', 'http://web:3000', []],
  ['corsAllowedHosts', 'web:3000', []],
  ['KAFKA_ADVERTISED_LISTENERS', 'PLAINTEXT://kafka:9092', []],
  ['dns-names', 'api.shop.svc', []],
  ['PUBLIC_URL', 'http://web', []],
  ['BIND_ADDRESS', 'api:8080', []],
  ['API_URL', 'http://api:99999', []],
  ['API_URL', 'http://:8080', []],
  ['API_URL', 'http://user:123@', []],
  ['', 'until nslookup api.shop.svc.cluster.local; do sleep 2; done', []],
  // hostile
  ['X', 'a'.repeat(100_000), []],
  ['X', `${'a:'.repeat(1900)}`, []],
  ['X', '-'.repeat(3900), []],
  ['X_URL', `${'http://'.repeat(500)}`, []],
  ['X_HOST', `${'a,'.repeat(1900)}!`, []],
];

test('hosts are found where a setting says that it connects to them, and nowhere else', () => {
  for (const [name, text, hosts] of named) {
    const found = hostsIn(name, text).map(({ host, port }) => (port === undefined ? host : `${host}:${port}`));
    assert.deepEqual(found, hosts, `${name}=${text.slice(0, 80)}`);
    if (hosts.length > 0) assert.ok(maySayHost(name, text), `${name}=${text} is kept`);
  }
});

test('what is written is part of the text', () => {
  for (const [name, text] of named) {
    for (const { written } of hostsIn(name, text)) assert.ok(text.includes(written), `${written} in ${text}`);
  }
});

test('ports and switches are kept, which say something about the hosts beside them', () => {
  for (const [name, text] of [
    ['DB_PORT', '5432'],
    ['TRACING_ENABLED', 'false'],
  ] as const) {
    assert.equal(maySayHost(name, text), true, name);
  }
});

test('plain settings are not kept', () => {
  for (const [name, text] of [
    ['WORKERS', '4'],
    ['DB_PORT', 'usual'],
    ['LOG_LEVEL', 'info'],
    ['POSTGRES_USER', 'postgres'],
    ['TRACING_ENABLED', 'true'],
  ] as const) {
    assert.equal(maySayHost(name, text), false, name);
  }
});

test('a host has its port under a name of its own', () => {
  assert.equal(portNameFor('DB_HOST'), 'db_port');
  assert.equal(portNameFor('PGHOST'), 'pgport');
  assert.equal(portNameFor('db.hostname'), 'db_port');
  assert.equal(portNameFor('redisHost'), 'redis_port');
  assert.equal(portNameFor('API_URL'), undefined);
});

test('a switch turns off the settings of its prefix', () => {
  const off = turnedOffBy('TRACING_ENABLED', 'false') ?? '?';
  assert.equal(settingKey('TRACING_URL').startsWith(off), true);
  assert.equal(settingKey('API_URL').startsWith(off), false);
  assert.equal(turnedOffBy('TRACING_ENABLED', 'true'), undefined);
});

test('a script has its flags and variables', () => {
  assert.deepEqual(settingsIn('DB_HOST=db ./app --cache-host redis --api="api"'), [
    { name: 'DB_HOST', text: 'db' },
    { name: 'cache-host', text: 'redis' },
    { name: 'api', text: 'api' },
  ]);
});
