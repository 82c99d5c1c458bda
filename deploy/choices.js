'use strict';

// Turns an operator's choices (the params of serverless.yml) into the lists that CloudFormation wants, and refuses
// what cannot work before anything is deployed. Reads nothing but those params.

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

// What a job takes beside its diagnosis: a cold start, Slack, the table.
const ANSWER_SECONDS = 20;

// Handed on to the functions only where set: set and empty would mean "nobody".
const OPTIONAL = [
  'PULLCHECK_ALLOWED_CHANNELS',
  'PULLCHECK_ALLOWED_TEAMS',
  'PULLCHECK_ALLOWED_USERGROUPS',
  'PULLCHECK_ALLOWED_USERS',
  'PULLCHECK_CHANNEL_ACCOUNTS',
  'PULLCHECK_DEADLINE',
  'PULLCHECK_GROUP_SECONDS',
  'PULLCHECK_LOG_LEVEL',
  'PULLCHECK_RETENTION_DAYS',
  'PULLCHECK_ROUTES',
];

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

module.exports = async ({ resolveVariable }) => {
  const param = async (name) => String((await resolveVariable(`param:${name}`)) || '').trim();

  const others = (await param('otherAccounts')).split(',').map((id) => id.trim()).filter(Boolean);
  for (const id of others) {
    if (!/^\d{12}$/.test(id)) refuse(`PULLCHECK_OTHER_ACCOUNTS: "${id}" is no account id (twelve digits)`);
  }
  if (others.length && !/^[\w+=,.@:/-]{16,1224}$/.test(await param('externalId'))) {
    refuse('other accounts need PULLCHECK_EXTERNAL_ID, at least 16 characters that nobody guesses');
  }
  const roleName = await param('targetRoleName');
  if (!/^[\w+=,.@-]{1,64}$/.test(roleName)) refuse(`PULLCHECK_TARGET_ROLE_NAME "${roleName}" is no role name`);

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
  for (const name of OPTIONAL) {
    const value = await resolveVariable(`env:${name}, ''`);
    if (value) environment[name] = value;
  }

  return {
    environment,
    functionUrl: endpoint === 'function-url',
    httpEvents: endpoint === 'http-api' ? [{ httpApi: 'POST /slack/events' }] : [],
    autoDiagnosis: oneOf('PULLCHECK_AUTO_DIAGNOSIS', await param('autoDiagnosis'), ['ENABLED', 'DISABLED']),
    readingSecrets: readingSecrets(secrets, await param('secretsKeyArn')),
    alarmActions: topic ? [topic] : [],
    manyAccounts: others.length ? 'on' : 'off',
    admittedAccounts: [{ Ref: 'AWS::AccountId' }, ...others],
    accountRoots: others.map((id) => sub(`arn:\${AWS::Partition}:iam::${id}:root`)),
    targetRoles: others.map((id) => sub(`arn:\${AWS::Partition}:iam::${id}:role/${roleName}`)),
  };
};
