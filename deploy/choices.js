'use strict';

// Turns an operator's choices (the params of serverless.yml) into the lists that CloudFormation wants, and refuses
// what cannot work before anything is deployed. Reads nothing but those params, their variables and the generated policy.

const audited = require('./audits.js');
const hooked = require('./hook.js');
const narrowed = require('./narrowed.js');
const optional = require('./optional.js');

const refuse = (message) => {
  throw new Error(`pullcheck: ${message}`);
};

const oneOf = (name, value, allowed) => {
  if (!allowed.includes(value)) refuse(`${name} is "${value}"; it must be ${allowed.join(' or ')}`);
  return value;
};

const sub = (text) => ({ 'Fn::Sub': text });
const ACCOUNT = '${AWS::AccountId}';
const arn = (service, resource) => sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:${ACCOUNT}:${resource}`);

const list = (text) => text.split(',').map((item) => item.trim()).filter(Boolean);

// Bytes of a function's variables, written as JSON: AWS takes no more.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const ENVIRONMENT_LIMIT = 4096;
// Room for what only CloudFormation knows: the URLs of the queues, the name of the table, the account's id.
const ENVIRONMENT_REFERENCES = 500;

// What a job takes beside its diagnosis: a cold start, Slack, the table.
const ANSWER_SECONDS = 20;

// Handed on to the functions only where set: set and empty would mean "nobody".
const FOR_BOTH = [
  'PULLCHECK_ADMINS',
  'PULLCHECK_ALLOWED_CHANNELS',
  'PULLCHECK_ALLOWED_TEAMS',
  'PULLCHECK_ALLOWED_USERGROUPS',
  'PULLCHECK_ALLOWED_USERS',
  'PULLCHECK_CHANNEL_ACCOUNTS',
  'PULLCHECK_DEADLINE',
  'PULLCHECK_LOG_LEVEL',
  'PULLCHECK_RETENTION_DAYS',
];
const FOR_THE_WORKER = ['PULLCHECK_EVENTS_AT_ONCE', 'PULLCHECK_GROUP_SECONDS', 'PULLCHECK_ROUTES', 'PULLCHECK_ROUTES_PARAMETER'];

// One condition after the other, each with the sentence for who did not meet it.
function checkForm(name, value, form, wanted) {
  for (const item of Array.isArray(value) ? value : [value]) {
    if (item && !form.test(item)) refuse(`${name}: "${item}" is no ${wanted}`);
  }
  return value;
}

function wholeNumber(name, text, least, most) {
  if (!text) return null;
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    refuse(`${name} is "${text}"; it must be a whole number from ${least} to ${most}`);
  }
  return value;
}

// "222233334444=id, 333344445555=id" as an object; an id of its own for each account.
function externalIdsOf(text, others) {
  const found = {};
  for (const item of list(text)) {
    const [, account, id] = /^(\d{12})=(.*)$/.exec(item) || [];
    if (!account) refuse('PULLCHECK_EXTERNAL_IDS must be account=id, separated by commas, such as 222233334444=…');
    if (!others.includes(account)) refuse(`PULLCHECK_EXTERNAL_IDS: ${account} is not in PULLCHECK_OTHER_ACCOUNTS`);
    if (account in found) refuse(`PULLCHECK_EXTERNAL_IDS names ${account} twice`);
    if (!/^[\w+=.@:/-]{16,1224}$/.test(id)) {
      refuse(`PULLCHECK_EXTERNAL_IDS: the id of ${account} must have at least 16 characters that nobody guesses`);
    }
    found[account] = id;
  }
  return found;
}

// Serverless hands on an empty variable as one that is not set, and that would let in everybody where nobody is meant.
function checkAllowLists(names, variables) {
  for (const name of names) {
    if (variables[name] !== undefined && !variables[name].trim()) {
      refuse(`${name} is set and empty, which names nobody: give it ids, or leave it out to set no limit`);
    }
  }
}

function checkConcurrency(slack, worker, jobs, events) {
  if (worker !== null && worker < jobs + events) {
    refuse(
      `PULLCHECK_WORKER_CONCURRENCY is ${worker}, but the two queues may use ${jobs} + ${events} at a time: reserve at ` +
        `least ${jobs + events}, or lower PULLCHECK_JOBS_AT_ONCE or PULLCHECK_EVENTS_AT_ONCE`,
    );
  }
  return { slack, worker, jobs, events };
}

function checkSize(environment) {
  const size = Buffer.byteLength(JSON.stringify(environment)) + ENVIRONMENT_REFERENCES;
  if (size > ENVIRONMENT_LIMIT) {
    refuse(
      `the functions' variables would take ${size} bytes, and Lambda takes ${ENVIRONMENT_LIMIT}: put the routes into a ` +
        'parameter of Systems Manager and name it in PULLCHECK_ROUTES_PARAMETER (docs/deploy.md, "Routes")',
    );
  }
}

function readingSecrets(name, keyArn) {
  const isArn = name.startsWith('arn:');
  const isParameter = isArn ? name.split(':')[2] === 'ssm' : name.startsWith('/');
  const resource = isParameter ? `parameter${name}` : `secret:${name}-??????`;
  const service = isParameter ? 'ssm' : 'secretsmanager';
  const statements = [
    {
      Sid: 'SlackSecrets',
      Effect: 'Allow',
      Action: isParameter ? 'ssm:GetParameter' : 'secretsmanager:GetSecretValue',
      Resource: isArn ? name : arn(service, resource),
    },
  ];
  if (keyArn) {
    statements.push({
      Sid: 'SlackSecretsKey',
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: keyArn,
      Condition: { StringEquals: { 'kms:ViaService': sub(`${service}.\${AWS::Region}.amazonaws.com`) } },
    });
  }
  return statements;
}

// What is audited every day (bot/daily/scopes.py reads it) and when, in UTC.
const SCOPE = /^(all|[\w-]{1,255}|\d{12}\/[a-z]{2,}(-[a-z]+)+-\d+|arn:aws[a-z-]*:ecs:[a-z0-9-]+:\d{12}:cluster\/[\w-]{1,255})$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

async function auditsOf({ env, param, stack, environment, alarmActions }) {
  const on = oneOf('PULLCHECK_AUDITS', await param('audits'), ['on', 'off']) === 'on';
  const of = await env('PULLCHECK_DAILY_AUDIT');
  const at = checkForm('PULLCHECK_DAILY_AUDIT_AT', (await env('PULLCHECK_DAILY_AUDIT_AT')) || '06:00', TIME, 'time of the day in UTC, such as 06:00');
  checkForm('PULLCHECK_DAILY_AUDIT', list(of), SCOPE, 'cluster (a name or an ARN), account with its Region (222233334444/eu-west-1), or all');
  if (!on) {
    if (of) refuse('PULLCHECK_DAILY_AUDIT needs PULLCHECK_AUDITS=on, the function that audits');
    return null;
  }
  checkSize({ ...environment, PULLCHECK_DAILY_AUDIT: of });
  const queue = { PULLCHECK_AUDITS_QUEUE_URL: { Ref: 'Audits' } };
  return audited({ stack, environment: { ...environment, ...queue }, alarmActions, daily: of ? { of, at } : null });
}

module.exports = async ({ resolveVariable }) => {
  const param = async (name) => String((await resolveVariable(`param:${name}`)) || '').trim();

  const stack = `${await resolveVariable('self:service')}-${await resolveVariable('sls:stage')}`;
  const others = list(await param('otherAccounts'));
  for (const id of others) {
    if (!/^\d{12}$/.test(id)) refuse(`PULLCHECK_OTHER_ACCOUNTS: "${id}" is no account id (twelve digits)`);
  }
  const externalIds = externalIdsOf(await param('externalIds'), others);
  if (others.some((id) => !(id in externalIds)) && !/^[\w+=,.@:/-]{16,1224}$/.test(await param('externalId'))) {
    refuse('other accounts need PULLCHECK_EXTERNAL_ID, at least 16 characters that nobody guesses, or one each (PULLCHECK_EXTERNAL_IDS)');
  }
  const roleName = await param('targetRoleName');
  if (!/^([\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/.test(roleName)) refuse(`PULLCHECK_TARGET_ROLE_NAME "${roleName}" is no role name`);

  const secrets = await param('slackSecrets');
  if (!/^[\w/+=.@:-]+$/.test(secrets)) refuse(`PULLCHECK_SLACK_SECRETS "${secrets}" is no name`);

  const deadline = Number(await resolveVariable("env:PULLCHECK_DEADLINE, '20'"));
  const timeout = Number(await param('workerTimeout'));
  if (!(deadline > 0 && deadline <= timeout - ANSWER_SECONDS)) {
    refuse(`PULLCHECK_DEADLINE must be more than 0 and at most ${timeout - ANSWER_SECONDS}: the worker has ${timeout} s`);
  }

  const endpoint = oneOf('PULLCHECK_ENDPOINT', await param('endpoint'), ['function-url', 'http-api']);
  const topic = await param('alarmTopicArn');

  const environment = {
    PULLCHECK_LOG_FORMAT: 'json',
    PULLCHECK_SLACK_SECRETS: secrets,
    PULLCHECK_ALLOWED_ACCOUNTS: sub([ACCOUNT, ...others].join(',')),
  };
  const chosen = async (names) => {
    const pairs = await Promise.all(names.map(async (name) => [name, await resolveVariable(`env:${name}, ''`)]));
    return Object.fromEntries(pairs.filter(([, value]) => value));
  };
  checkAllowLists(FOR_BOTH.filter((name) => /ADMINS|ALLOWED|CHANNEL/.test(name)), process.env);
  Object.assign(environment, await chosen(FOR_BOTH));
  const forTheWorker = await chosen(FOR_THE_WORKER);

  const inParameter = checkForm(
    'PULLCHECK_ROUTES_PARAMETER',
    list(forTheWorker.PULLCHECK_ROUTES_PARAMETER || ''),
    /^\/[\w./-]{1,1010}$/,
    'name of a parameter: it begins with /, such as /pullcheck/prod/routes',
  );
  if (inParameter.length && forTheWorker.PULLCHECK_ROUTES) {
    refuse('PULLCHECK_ROUTES and PULLCHECK_ROUTES_PARAMETER are both set; the routes stand in one of them');
  }
  const ids = Object.entries(externalIds).map((pair) => pair.join('=')).join(',');
  Object.assign(forTheWorker, {
    PULLCHECK_TARGET_ROLE_NAME: roleName,
    PULLCHECK_EXTERNAL_ID: await param('externalId'),
    ...(ids ? { PULLCHECK_EXTERNAL_IDS: ids } : {}),
  });
  checkSize({ ...environment, ...forTheWorker });
  Object.assign(forTheWorker, {
    PULLCHECK_QUEUE_URL: { Ref: 'Jobs' },
    PULLCHECK_EVENTS_QUEUE_URL: { Ref: 'Events' },
    PULLCHECK_TABLE: { Ref: 'Table' },
  });

  // --- what a strict reviewer asks for --------------------------------------------------------------
  const env = async (name) => String((await resolveVariable(`env:${name}, ''`)) || '').trim();
  const several = async (name, form, wanted) => checkForm(name, list(await env(name)), form, wanted);
  const one = async (name, form, wanted) => checkForm(name, await env(name), form, wanted);

  const boundary = await one(
    'PULLCHECK_PERMISSIONS_BOUNDARY_ARN',
    /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/.+$/,
    'ARN of a managed policy',
  );
  const rolePath = await one('PULLCHECK_ROLE_PATH', /^\/([!-~]{1,510}\/)?$/, 'path: it begins and ends with /, such as /security/');
  const keyArn = await one('PULLCHECK_KEY_ARN', /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/, 'ARN of a KMS key');
  const subnets = await several('PULLCHECK_SUBNET_IDS', /^subnet-[0-9a-f]{8,17}$/, 'id of a subnet');
  const securityGroups = await several('PULLCHECK_SECURITY_GROUP_IDS', /^sg-[0-9a-f]{8,17}$/, 'id of a security group');
  if (!subnets.length !== !securityGroups.length) {
    refuse('PULLCHECK_SUBNET_IDS and PULLCHECK_SECURITY_GROUP_IDS belong together: set both or neither');
  }
  const regions = await several('PULLCHECK_READ_REGIONS', /^[a-z]{2,}(-[a-z]+)+-\d$/, 'Region, such as eu-central-1');
  const clusters = await several(
    'PULLCHECK_READ_CLUSTER_ARNS',
    /^arn:aws[a-z-]*:ecs:[a-z0-9*-]+:(\d{12}|\*):cluster\/[\w*?-]+$/,
    'ARN of a cluster, such as arn:aws:ecs:*:111122223333:cluster/prod-*',
  );
  const rate = wholeNumber('PULLCHECK_HTTP_RATE', await env('PULLCHECK_HTTP_RATE'), 1, 10000);
  const burst = wholeNumber('PULLCHECK_HTTP_BURST', await env('PULLCHECK_HTTP_BURST'), 1, 5000);
  const accessLogs = oneOf('PULLCHECK_HTTP_ACCESS_LOGS', (await env('PULLCHECK_HTTP_ACCESS_LOGS')) || 'off', ['on', 'off']) === 'on';
  if (endpoint !== 'http-api' && (rate !== null || burst !== null || accessLogs)) {
    refuse('throttling and access logs (PULLCHECK_HTTP_…) need PULLCHECK_ENDPOINT=http-api; a function URL has neither');
  }
  if ((rate === null) !== (burst === null)) {
    refuse('PULLCHECK_HTTP_RATE and PULLCHECK_HTTP_BURST belong together: set both or neither');
  }
  const concurrency = checkConcurrency(
    wholeNumber('PULLCHECK_SLACK_CONCURRENCY', await env('PULLCHECK_SLACK_CONCURRENCY'), 1, 1000),
    wholeNumber('PULLCHECK_WORKER_CONCURRENCY', await env('PULLCHECK_WORKER_CONCURRENCY'), 1, 2000),
    wholeNumber('PULLCHECK_JOBS_AT_ONCE', (await env('PULLCHECK_JOBS_AT_ONCE')) || '5', 2, 1000),
    wholeNumber('PULLCHECK_EVENTS_AT_ONCE', (await env('PULLCHECK_EVENTS_AT_ONCE')) || '3', 2, 1000),
  );

  const readPolicy = narrowed(require('./read-policy.json'), regions, clusters);
  const undecided = oneOf('PULLCHECK_HOOK_UNDECIDED', (await param('hookUndecided')) || 'SUCCEEDED', ['SUCCEEDED', 'FAILED']);
  const forTheHook = {
    ...Object.fromEntries(Object.entries(forTheWorker).filter(([name]) => /^PULLCHECK_(ROUTES(_PARAMETER)?|TABLE)$/.test(name))),
    ...(undecided === 'FAILED' ? { PULLCHECK_HOOK_UNDECIDED: undecided } : {}),
  };
  const slackStatements = readingSecrets(secrets, await param('secretsKeyArn'));
  const withHook = oneOf('PULLCHECK_DEPLOYMENT_HOOK', (await param('deploymentHook')) || 'off', ['on', 'off']) === 'on';
  const audits = await auditsOf({ env, param, stack, environment: forTheWorker, alarmActions: topic ? [topic] : [] });
  if (audits) Object.assign(forTheWorker, { PULLCHECK_AUDITS_QUEUE_URL: { Ref: 'Audits' } });
  const hook = withHook ? hooked({ stack, environment: forTheHook, readingSecrets: slackStatements, readPolicy }) : null;

  return {
    environment,
    workerEnvironment: forTheWorker,
    concurrency,
    accessLogs,
    readPolicy,
    hookFunction: hook ? hook.functions : {},
    auditsFunction: audits ? audits.functions : {},
    optional: optional({
      hook,
      audits,
      stack,
      routes: inParameter.map((name) => arn('ssm', `parameter${name}`)),
      boundary,
      rolePath,
      keyArn,
      subnets,
      securityGroups,
      http: { rate, burst, accessLogs },
    }),
    functionUrl: endpoint === 'function-url',
    httpEvents: endpoint === 'http-api' ? [{ httpApi: 'POST /slack/events' }] : [],
    autoDiagnosis: oneOf('PULLCHECK_AUTO_DIAGNOSIS', await param('autoDiagnosis'), ['ENABLED', 'DISABLED']),
    readingSecrets: slackStatements,
    alarmActions: topic ? [topic] : [],
    manyAccounts: others.length ? 'on' : 'off',
    admittedAccounts: [{ Ref: 'AWS::AccountId' }, ...others],
    accountRoots: others.map((id) => sub(`arn:\${AWS::Partition}:iam::${id}:root`)),
    targetRoles: others.map((id) => sub(`arn:\${AWS::Partition}:iam::${id}:role/${roleName}`)),
  };
};
