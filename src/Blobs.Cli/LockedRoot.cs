using Blobs.Docker;
using Blobs.Docker.Layers;

namespace Blobs.Cli;

/// <summary>A data root and this process's lock on it.</summary>
internal sealed class LockedRoot(DockerRoot engine, RootLock taken) : IDisposable
{
    public DockerRoot Engine => engine;

    public void Dispose() => taken.Dispose();
}
