using Blobs.Engine;
using Blobs.Layers;

namespace Blobs.Cli;

/// <summary>A data root and this process's lock on it.</summary>
internal sealed class TakenRoot(EngineRoot engine, RootLock taken) : IDisposable
{
    public EngineRoot Engine => engine;

    public void Dispose() => taken.Dispose();
}
