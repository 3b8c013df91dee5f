// Moving what is in view: keys and wheel, the same on every picture.

import type { View } from './view.js';

// Part of the view that an arrow key moves by.
const ARROW = 0.25;
// So much turning of a wheel is a step; a notch of a mouse's is 100 or more.
const NOTCH = 60;

/** Where a pointer is on an element, in CSS pixels. */
export function place(event: MouseEvent, element: HTMLElement): { left: number; top: number } {
  const box = element.getBoundingClientRect();
  return { left: event.clientX - box.left, top: event.clientY - box.top };
}

/** Arrows pan, + and - zoom, 0 shows all; `turn` goes to other sections by PageUp and PageDown. */
export function steerByKeys(canvas: HTMLElement, view: View, turn: (by: 1 | -1) => void): void {
  const keys: Record<string, () => void> = {
    ArrowLeft: () => move(1, 0),
    ArrowRight: () => move(-1, 0),
    ArrowUp: () => move(0, 1),
    ArrowDown: () => move(0, -1),
    '+': () => view.zoom(1),
    '=': () => view.zoom(1), // the same key without Shift
    '-': () => view.zoom(-1),
    '0': () => view.fit(),
    PageUp: () => turn(-1),
    PageDown: () => turn(1),
  };
  const move = (right: number, down: number): void => {
    const { nx, ny } = view.frame;
    view.pan(right * Math.max(1, ARROW * nx) * view.scale, down * Math.max(1, ARROW * ny) * view.scale);
  };
  canvas.addEventListener('keydown', (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    act();
  });
}

/** The wheel zooms; `middle` says around which place of the view. */
export function steerByWheel(canvas: HTMLElement, view: View, middle: (event: WheelEvent) => { left?: number; top?: number }): void {
  let turned = 0;
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      turned += event.deltaY;
      if (Math.abs(turned) < NOTCH) return;
      const { left, top } = middle(event);
      view.zoom(turned < 0 ? 1 : -1, left, top);
      turned = 0;
    },
    { passive: false },
  );
}

/** Drags: `moved` has the pointer's event while a button is down, from the first on. */
export function steerByDragging(element: HTMLElement, moved: (event: PointerEvent, first: boolean) => void): void {
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    moved(event, true);
  });
  element.addEventListener('pointermove', (event) => {
    if (element.hasPointerCapture(event.pointerId)) moved(event, false);
  });
}
