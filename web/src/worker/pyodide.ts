/** The part of Pyodide that the worker uses; its snapshot functions are not in the published types. */

export interface PyProxy {
  toJs(): unknown;
  destroy(): void;
}

export interface Pyodide {
  runPython(code: string): unknown;
  loadPackage(
    name: string,
    options: { messageCallback(message: string): void; errorCallback(message: string): void },
  ): Promise<unknown>;
  registerJsModule(name: string, module: object): void;
  makeMemorySnapshot(): Uint8Array<ArrayBuffer>;
  readonly FS: {
    writeFile(path: string, data: Uint8Array): void;
    mkdirTree(path: string): void;
  };
  readonly _module: { readonly HEAPU8: Uint8Array };
}
