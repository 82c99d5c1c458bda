// Answers one policy question a line: {id, request, policies…} in, {id, decision, blockedBy} or {id, error} out.
import { createInterface } from 'node:readline'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const named = (policies, name) => policies.map((policy, index) => ({ name: `${name}-${index}`, policy }))

async function answer(question) {
  const { id, request, identity, boundary, resource, endpoint, scps } = question
  const simulation = {
    request: {
      principal: request.principal,
      action: request.action,
      resource: { resource: request.resource, accountId: request.owner },
      contextVariables: request.context,
    },
    identityPolicies: named(identity, 'identity'),
    serviceControlPolicies: scps.map((policy, index) => ({
      orgIdentifier: `level-${index}`,
      policies: named([policy], `scp-${index}`),
    })),
    resourceControlPolicies: [],
    resourcePolicy: resource ?? undefined,
    permissionBoundaryPolicies: boundary ? named([boundary], 'boundary') : undefined,
    vpcEndpointPolicies: endpoint ? named([endpoint], 'endpoint') : undefined,
  }
  const response = await runSimulation(simulation, {})
  if (response.resultType === 'error') {
    return { id, error: response.errors }
  }
  const analysis = response.result?.analysis
  const ignored = response.result?.ignoredContextKeys ?? []
  return { id, decision: response.overallResult, blockedBy: analysis?.blockedBy ?? null, ignored }
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim()) {
    const question = JSON.parse(line)
    let found
    try {
      found = await answer(question)
    } catch (error) {
      found = { id: question.id, error: String(error) }
    }
    process.stdout.write(JSON.stringify(found) + '\n')
  }
}
