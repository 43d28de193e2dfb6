using Blobs.Docker;
using Blobs.Docker.Layers;

namespace Blobs.Cli;

/// <summary>A data root and this process's lock on it.</summary>
internal sealed class LockedRoot(DockerRoot root, RootLock rootLock) : IDisposable
{
    public DockerRoot Root => root;

    public void Dispose() => rootLock.Dispose();
}
