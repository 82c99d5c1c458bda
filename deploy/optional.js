'use strict';

// Routes in Systems Manager, and what a strict reviewer asks for, as changes to the template. Nothing of it is on unless it
// is chosen.

const sub = (text) => ({ 'Fn::Sub': text });

const FUNCTIONS = { Slack: 'SlackRole', Worker: 'WorkerRole' };
const QUEUES = ['DeadLetters', 'Events', 'Jobs'];
const ENI_WRITES = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:UnassignPrivateIpAddresses',
];
const via = (...services) => ({
  StringEquals: { 'kms:ViaService': services.map((name) => sub(`${name}.\${AWS::Region}.amazonaws.com`)) },
});

function policy(role, name, statements) {
  return {
    Type: 'AWS::IAM::RolePolicy',
    Properties: {
      RoleName: { Ref: role },
      PolicyName: name,
      PolicyDocument: { Version: '2012-10-17', Statement: statements },
    },
  };
}

// SQS asks for a data key in the name of whoever sends, and decrypts in the name of whoever receives.
// AWS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
// DynamoDB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
function keyStatements(role, keyArn) {
  const statements = [
    {
      Sid: 'Key',
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: keyArn,
      Condition: via('lambda', 'sqs'),
    },
  ];
  if (role !== 'SlackRole') {
    statements.push({
      Sid: 'TableKey',
      Effect: 'Allow',
      Action: [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:Encrypt',
        'kms:GenerateDataKey',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      Resource: keyArn,
      Condition: via('dynamodb'),
    });
  }
  return statements;
}

// Lambda makes the interfaces with the function's role; what runs inside the function is refused it.
// AWS: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
function interfaceStatements(functionName) {
  return [
    {
      Sid: 'Interfaces',
      Effect: 'Allow',
      Action: [...ENI_WRITES, 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'].sort(),
      Resource: '*',
    },
    {
      Sid: 'NotFromInside',
      Effect: 'Deny',
      Action: ENI_WRITES,
      Resource: '*',
      Condition: {
        ArnEquals: {
          'lambda:SourceFunctionArn': sub(
            `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${functionName}`,
          ),
        },
      },
    },
  ];
}

module.exports = ({ stack, routes, boundary, rolePath, keyArn, subnets, securityGroups, http, hook, audits }) => {
  const resources = { ...(hook ? hook.resources : {}), ...(audits ? audits.resources : {}) };
  const functions = { ...FUNCTIONS, ...(hook ? { Hook: 'HookRole' } : {}), ...(audits ? { Audits: 'WorkerRole' } : {}) };
  const extensions = {};
  const extend = (name, properties) => {
    extensions[name] ||= { Properties: {} };
    Object.assign(extensions[name].Properties, properties);
  };

  if (routes.length) {
    const statements = [{ Sid: 'Routes', Effect: 'Allow', Action: 'ssm:GetParameter', Resource: routes }];
    resources.RoutesPolicy = policy('WorkerRole', 'routes', statements);
    if (hook) resources.HookRoutesPolicy = policy('HookRole', 'routes', statements);
  }
  if (hook && boundary) extend('HookCallerRole', { PermissionsBoundary: boundary });
  if (hook && rolePath) extend('HookCallerRole', { Path: rolePath });
  for (const [name, role] of Object.entries(functions)) {
    const lambda = `${name}LambdaFunction`;
    // The audits run with the worker's role, and a role has one policy of a name.
    const owner = role.replace(/Role$/, '');
    if (boundary) extend(role, { PermissionsBoundary: boundary });
    if (rolePath) extend(role, { Path: rolePath });
    const before = [];
    if (keyArn) {
      extend(lambda, { KmsKeyArn: keyArn });
      extend(`${name}LogGroup`, { KmsKeyId: keyArn });
      resources[`${owner}KeyPolicy`] = policy(role, 'key', keyStatements(role, keyArn));
      before.push(`${owner}KeyPolicy`);
    }
    if (subnets.length) {
      extend(lambda, { VpcConfig: { SecurityGroupIds: securityGroups, SubnetIds: subnets } });
      const [allow, deny] = interfaceStatements(`${stack}-${name.toLowerCase()}`);
      if (name === owner) resources[`${name}InterfacesPolicy`] = policy(role, 'interfaces', [allow, deny]);
      else resources[`${name}InterfacesPolicy`] = policy(role, `interfaces-${name.toLowerCase()}`, [deny]);
      before.push(...new Set([`${owner}InterfacesPolicy`, `${name}InterfacesPolicy`]));
    }
    // Lambda tries the role when it makes the function, and removes interfaces with it when the function goes.
    if (before.length) extensions[lambda].DependsOn = before;
  }

  if (keyArn) {
    for (const queue of audits ? [...QUEUES, 'Audits', 'AuditsDeadLetters'] : QUEUES) {
      extend(queue, { KmsMasterKeyId: keyArn, KmsDataKeyReusePeriodSeconds: 300, SqsManagedSseEnabled: false });
    }
    extend('Table', { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: keyArn } });
    if (http.accessLogs) extend('HttpApiLogGroup', { KmsKeyId: keyArn });
  }
  if (http.rate) {
    extend('HttpApiStage', {
      DefaultRouteSettings: {
        DetailedMetricsEnabled: false,
        ThrottlingBurstLimit: http.burst,
        ThrottlingRateLimit: http.rate,
      },
    });
  }
  const outputs = { ...(hook ? hook.outputs : {}), ...(audits ? audits.outputs : {}) };
  return { Resources: resources, extensions, ...(Object.keys(outputs).length ? { Outputs: outputs } : {}) };
};

