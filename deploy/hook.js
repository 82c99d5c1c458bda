'use strict';

// The function that ECS asks before a deployment starts tasks (PRE_SCALE_UP), its role, and the role with which ECS calls it.
// AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html

const sub = (text) => ({ 'Fn::Sub': text });

// Far more than the 28 seconds after which the function has answered (bot/aws_lambda/hook.py).
const TIMEOUT = 60;

const trusting = (service) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
});

module.exports = ({ stack, environment, readingSecrets, readPolicy }) => {
  const logs = `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/lambda/${stack}-hook:*`;
  const lambda = `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${stack}-hook`;
  return {
    functions: {
      hook: {
        handler: 'bot.aws_lambda.hook',
        description: 'Tells ECS before a deployment starts tasks whether their images can be pulled.',
        timeout: TIMEOUT,
        role: sub('${HookRole.Arn}'),
        environment,
      },
    },
    resources: {
      HookRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: trusting('lambda.amazonaws.com'),
          Policies: [
            { PolicyName: 'slack-secrets', PolicyDocument: { Version: '2012-10-17', Statement: readingSecrets } },
            {
              PolicyName: 'own',
              PolicyDocument: {
                Version: '2012-10-17',
                Statement: [
                  { Sid: 'Logs', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: sub(logs) },
                  { Sid: 'Table', Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: { 'Fn::GetAtt': ['Table', 'Arn'] } },
                ],
              },
            },
            { PolicyName: 'read-aws', PolicyDocument: readPolicy },
          ],
        },
      },
      // What a service names as the hook's RoleArn; whoever updates the service needs iam:PassRole for it.
      // AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-permissions.html
      HookCallerRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: trusting('ecs.amazonaws.com'),
          Policies: [
            {
              PolicyName: 'call',
              PolicyDocument: {
                Version: '2012-10-17',
                Statement: [{ Sid: 'Hook', Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: sub(lambda) }],
              },
            },
          ],
        },
      },
    },
    outputs: {
      HookArn: {
        Description: 'HookTargetArn of a service that asks before it deploys (docs/pipelines.md).',
        Value: { 'Fn::GetAtt': ['HookLambdaFunction', 'Arn'] },
      },
      HookCallerRoleArn: {
        Description: 'RoleArn of the same.',
        Value: { 'Fn::GetAtt': ['HookCallerRole', 'Arn'] },
      },
    },
  };
};
