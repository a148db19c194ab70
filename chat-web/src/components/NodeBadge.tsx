import type { CSSProperties } from 'react';
import { nodeHue, shortNode } from '../state/node';

declare module 'react' {
  interface CSSProperties {
    '--hue'?: number;
  }
}

/** Names a node, in its own colour. */
export function NodeBadge({ node, testId }: { readonly node: string; readonly testId?: string }) {
  return (
    <span className="node-badge" style={nodeStyle(node)} data-testid={testId} data-node={node} title={`Node ${node}`}>
      {shortNode(node)}
    </span>
  );
}

export function nodeStyle(node: string): CSSProperties {
  return { '--hue': nodeHue(node) };
}
