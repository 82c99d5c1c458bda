'use strict';

// The function that audits, its FIFO queue, and the schedule that wakes it every day where that is chosen. It has the worker's role:
// that is the one which the roles in other accounts trust.
// AWS: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html

const sub = (text) => ({ 'Fn::Sub': text });
const arnOf = (name) => ({ 'Fn::GetAtt': [name, 'Arn'] });

// The longest that Lambda gives; an audit ends a minute before it (bot/aws_lambda/auditing.py).
const TIMEOUT = 900;
// As many environments divide the budget of AWS's rates; two is the least that Lambda takes here.
const AT_ONCE = 2;

const queue = (name, more) => ({
  Type: 'AWS::SQS::Queue',
  DeletionPolicy: 'Delete',
  UpdateReplacePolicy: 'Delete',
  Properties: { QueueName: `${name}.fifo`, FifoQueue: true, SqsManagedSseEnabled: true, ...more },
});

module.exports = ({ stack, environment, alarmActions, daily }) => {
  const logs = `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/lambda/${stack}-audits:*`;
  const allowed = [];
  const resources = {
    // A message moved there keeps its first date, so they must be kept for longer.
    AuditsDeadLetters: queue(`${stack}-audits-dead-letters`, { MessageRetentionPeriod: 1209600 }),
    Audits: queue(`${stack}-audits`, {
      ContentBasedDeduplication: true,
      // Six times the function's timeout, as AWS advises; a message that failed comes again after a minute all the same.
      VisibilityTimeout: 6 * TIMEOUT,
      MessageRetentionPeriod: 86400,
      RedrivePolicy: { deadLetterTargetArn: arnOf('AuditsDeadLetters'), maxReceiveCount: 3 },
    }),
    AuditsPolicy: {
      Type: 'AWS::IAM::RolePolicy',
      Properties: {
        RoleName: { Ref: 'WorkerRole' },
        PolicyName: 'audits',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Sid: 'AuditsLogs', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: sub(logs) },
            {
              Sid: 'Audits',
              Effect: 'Allow',
              Action: [
                'sqs:ChangeMessageVisibility',
                'sqs:DeleteMessage',
                'sqs:GetQueueAttributes',
                'sqs:ReceiveMessage',
                'sqs:SendMessage',
              ],
              Resource: arnOf('Audits'),
            },
          ],
        },
      },
    },
    AuditsDeadLettersAlarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmDescription: 'An audit failed three times. Runbook, "Audits".',
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['AuditsDeadLetters', 'QueueName'] } }],
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
        AlarmActions: alarmActions,
        OKActions: alarmActions,
      },
    },
  };
  if (daily) {
    const [hour, minute] = daily.at.split(':').map(Number);
    resources.DailyAudit = {
      Type: 'AWS::Events::Rule',
      Properties: {
        Description: 'Wakes pullcheck for the audits of the day.',
        ScheduleExpression: `cron(${minute} ${hour} * * ? *)`,
        State: 'ENABLED',
        Targets: [
          {
            Id: 'audits',
            Arn: arnOf('Audits'),
            SqsParameters: { MessageGroupId: 'schedule' },
            RetryPolicy: { MaximumRetryAttempts: 20, MaximumEventAgeInSeconds: 3600 },
          },
        ],
      },
    };
    allowed.push({
      Sid: 'DailyAudit',
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: arnOf('Audits'),
      Condition: { ArnEquals: { 'aws:SourceArn': arnOf('DailyAudit') } },
    });
  }
  resources.AuditsQueuePolicy = {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'Audits' }, { Ref: 'AuditsDeadLetters' }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          ...allowed,
          {
            Sid: 'EncryptedOnly',
            Effect: 'Deny',
            Principal: '*',
            Action: 'sqs:*',
            Resource: [arnOf('Audits'), arnOf('AuditsDeadLetters')],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    },
  };
  return {
    functions: {
      audits: {
        handler: 'bot.aws_lambda.audits',
        description: 'Says which services could not start a task now, or soon, and every day what changed.',
        timeout: TIMEOUT,
        role: sub('${WorkerRole.Arn}'),
        environment: { ...environment, ...(daily ? { PULLCHECK_DAILY_AUDIT: daily.of } : {}) },
        events: [
          { sqs: { arn: arnOf('Audits'), batchSize: 1, maximumConcurrency: AT_ONCE, functionResponseType: 'ReportBatchItemFailures' } },
        ],
      },
    },
    resources,
    outputs: {
      AuditsDeadLettersQueueUrl: {
        Description: 'Where audits end up that failed three times.',
        Value: { Ref: 'AuditsDeadLetters' },
      },
    },
  };
};
