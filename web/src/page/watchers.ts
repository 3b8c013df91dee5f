// Who hears of what changes.

/** Callbacks for one kind of news. One that fails keeps it neither from the others nor from whoever tells it. */
export class Watchers<News extends unknown[]> {
  readonly #watchers: ((...news: News) => void)[] = [];

  add(watcher: (...news: News) => void): void {
    this.#watchers.push(watcher);
  }

  tell(...news: News): void {
    for (const watcher of this.#watchers) {
      try {
        watcher(...news);
      } catch (problem) {
        // The browser's console has it, and so have the tests.
        reportError(problem);
      }
    }
  }
}
