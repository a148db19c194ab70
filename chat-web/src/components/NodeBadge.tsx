import type { CSSProperties } from 'react';
import { shortNode } from '../page/nodes';
import { usePage } from '../useChat';

declare module 'react' {
  interface CSSProperties {
    '--hue'?: number;
  }
}

/** Names a node, in its own colour. */
export function NodeBadge({ node, testId }: { readonly node: string; readonly testId?: string }) {
  const style = useNodeStyle(node);
  return (
    <span className="node-badge" style={style} data-testid={testId} data-node={node} title={`Node ${node}`}>
      {shortNode(node)}
    </span>
  );
}

export function useNodeStyle(node: string): CSSProperties {
  return { '--hue': usePage().hueOf(node) };
}
