'use strict';

// The policy that reading needs (read-policy.json), narrowed to what an operator lists, where IAM has a key for it:
// aws:RequestedRegion for every service that has Regions, and ecs:cluster for the four reads below.
// AWS: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
// and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion

const WITHOUT_REGION = ['iam:', 'organizations:', 'sts:'];
const BY_CLUSTER = ['ecs:DescribeContainerInstances', 'ecs:DescribeServices', 'ecs:DescribeTasks', 'ecs:ListTasks'];

const group = (action) => {
  if (BY_CLUSTER.includes(action)) return 'cluster';
  return WITHOUT_REGION.some((service) => action.startsWith(service)) ? 'global' : 'regional';
};

module.exports = (policy, regions, clusters) => {
  if (!regions.length && !clusters.length) return policy;
  const conditions = (kind) => {
    const found = {};
    if (regions.length && kind !== 'global') found.StringEquals = { 'aws:RequestedRegion': regions };
    if (clusters.length && kind === 'cluster') found.ArnLike = { 'ecs:cluster': clusters };
    return Object.keys(found).length ? { Condition: found } : {};
  };
  const statements = policy.Statement.flatMap((statement) => {
    const parts = {};
    for (const action of statement.Action) (parts[group(action)] ||= []).push(action);
    return Object.entries(parts).map(([kind, actions]) => ({ ...statement, Action: actions, ...conditions(kind) }));
  });
  return { ...policy, Statement: statements };
};
