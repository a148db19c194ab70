import type { CSSProperties } from 'react';
import { usePage } from '../useChat';

declare module 'react' {
  interface CSSProperties {
    '--hue'?: number;
  }
}

/** Names a node by its letter here, in its own colour; its id is in the tooltip. */
export function NodeBadge({ node, testId }: { readonly node: string; readonly testId?: string }) {
  const style = useNodeStyle(node);
  return (
    <span className="node-badge" style={style} data-testid={testId} data-node={node} title={`Node ${node}`}>
      {usePage().nodes.nameOf(node)}
    </span>
  );
}

export function useNodeStyle(node: string): CSSProperties {
  return { '--hue': usePage().nodes.hueOf(node) };
}
