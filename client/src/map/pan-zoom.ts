/** A picture that can be moved and magnified within its stage: by wheel, by dragging, and by whoever calls. */
export class PanZoom {
  #x = 0;
  #y = 0;
  #scale = 1;
  #moved = false;
  #drawing: SVGSVGElement | undefined;
  readonly #stage: HTMLElement;

  constructor(stage: HTMLElement) {
    this.#stage = stage;
    stage.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    stage.addEventListener('pointerdown', (event) => this.#drag(event));
    stage.addEventListener('click', (event) => this.#click(event), { capture: true });
  }

  get scale(): number {
    return this.#scale;
  }

  /** Takes another drawing in, at the same place and size. */
  take(drawing: SVGSVGElement): void {
    this.#drawing = drawing;
    this.#apply();
  }

  /** Shows all of it, no larger than it is, with the middle in the middle. */
  fit(): void {
    const { width, height } = this.#size();
    const { clientWidth, clientHeight } = this.#stage;
    if (clientWidth === 0 || width === 0) return;
    this.#scale = Math.min(1.4, clientWidth / width, clientHeight / height);
    this.#x = (clientWidth - width * this.#scale) / 2;
    this.#y = (clientHeight - height * this.#scale) / 2;
    this.#apply();
  }

  /** By a factor, around a point of the stage; without one, around its middle. */
  zoom(factor: number, x = this.#stage.clientWidth / 2, y = this.#stage.clientHeight / 2): void {
    const scale = Math.min(4, Math.max(0.05, this.#scale * factor));
    this.#x = x - ((x - this.#x) * scale) / this.#scale;
    this.#y = y - ((y - this.#y) * scale) / this.#scale;
    this.#scale = scale;
    this.#apply();
  }

  move(dx: number, dy: number): void {
    this.#x += dx;
    this.#y += dy;
    this.#apply();
  }

  /** Where a point of the drawing is on the stage. */
  onStage({ x, y }: { x: number; y: number }): { x: number; y: number } {
    return { x: this.#x + x * this.#scale, y: this.#y + y * this.#scale };
  }

  /** Moves as little as it takes to have an area of the drawing in view. */
  reveal(area: { x: number; y: number; width: number; height: number }): void {
    const start = this.onStage(area);
    const end = this.onStage({ x: area.x + area.width, y: area.y + area.height });
    const { clientWidth, clientHeight } = this.#stage;
    const margin = 24;
    const by = (low: number, high: number, room: number) =>
      low < margin ? margin - low : high > room - margin ? room - margin - high : 0;
    this.move(by(start.x, end.x, clientWidth), by(start.y, end.y, clientHeight));
  }

  #size(): { width: number; height: number } {
    const { width = 0, height = 0 } = this.#drawing?.viewBox.baseVal ?? {};
    return { width, height };
  }

  #apply(): void {
    if (this.#drawing === undefined) return;
    this.#drawing.style.transform = `translate(${this.#x}px, ${this.#y}px) scale(${this.#scale})`;
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    if (event.shiftKey) this.move(-(event.deltaX || event.deltaY), 0);
    else {
      const { left, top } = this.#stage.getBoundingClientRect();
      this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), event.clientX - left, event.clientY - top);
    }
  }

  #drag(event: PointerEvent): void {
    this.#moved = false;
    if (event.button !== 0) return;
    let [x, y] = [event.clientX, event.clientY];
    const ended = new AbortController();
    const { signal } = ended;
    const move = (next: PointerEvent) => {
      if (!this.#moved && Math.hypot(next.clientX - x, next.clientY - y) < 4) return;
      if (!this.#moved) this.#stage.setPointerCapture(event.pointerId);
      this.#moved = true;
      this.move(next.clientX - x, next.clientY - y);
      [x, y] = [next.clientX, next.clientY];
    };
    this.#stage.addEventListener('pointermove', move, { signal });
    for (const end of ['pointerup', 'pointercancel'])
      this.#stage.addEventListener(end, () => ended.abort(), { signal });
  }

  /** The end of a drag is no click on what happens to be there. */
  #click(event: MouseEvent): void {
    if (this.#moved) event.stopPropagation();
    this.#moved = false;
  }
}
