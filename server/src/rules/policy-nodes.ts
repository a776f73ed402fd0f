export { clauseNode, isolationPlace, portsNode, ruleNode, specOf } from '../engine/policy-nodes.js';
