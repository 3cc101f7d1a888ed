import { ownRuntimeClient } from '../../local/host/runtime/runtime-client.ts';
import { hostSuite } from './host-suite.ts';

hostSuite(ownRuntimeClient);
