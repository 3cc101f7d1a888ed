import * as z from 'zod';
import { DefinitionText, WorkflowCheck, WorkflowTest, WorkflowTestResult } from '#schema/workflow';
import { answers } from '../answers.ts';
import type { App, Surroundings } from '../surroundings.ts';
import { checkWorkflow, testWorkflow } from '../workflow-view.ts';
import { addCatalogue } from './catalogue.ts';

/** A definition of 1 MiB with every character escaped, its input, and a mock. */
const bodyMaxBytes = 8_388_608;

/** Definitions that somebody writes. Both answers come from the engine of the work plane and leave nothing behind. */
export const addWorkflows = (app: App, surroundings: Surroundings): void => {
  addCatalogue(app, surroundings);
  app.post(
    '/v1/workflows/validate',
    {
      config: { policy: 'workflow.check' },
      bodyLimit: bodyMaxBytes,
      schema: {
        tags: ['workflows'],
        summary: 'What is wrong with a state machine’s definition',
        body: z.strictObject({ definition: DefinitionText }),
        response: answers(WorkflowCheck),
      },
    },
    ({ body }) => checkWorkflow(body.definition, surroundings),
  );

  app.post(
    '/v1/workflows/test',
    {
      config: { policy: 'workflow.test' },
      bodyLimit: bodyMaxBytes,
      schema: {
        tags: ['workflows'],
        summary: 'What one state makes of an input',
        description: 'The work of Task, Map and Parallel states is not done: `mock` says what came of it.',
        body: WorkflowTest,
        response: answers(WorkflowTestResult),
      },
    },
    ({ body }) => testWorkflow(body, surroundings),
  );
};
