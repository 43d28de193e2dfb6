using System.Runtime.Versioning;
using Blobs.Docker.Layers;
using Blobs.Hashing;

namespace Blobs.Docker;

/// <summary>Locks the data root for writing and sweeps it: removes the layers, image files and containers that dead
/// processes left, and the layers that they were about to remove.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RootSweeper(DockerRoot root)
{
    /// <inheritdoc cref="DockerRoot.BeginWriteAsync"/>
    public async Task<RootLock> BeginWriteAsync(CancellationToken cancellationToken)
    {
        RootLock rootLock = await root.Layers.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            rootLock.Users.SweepOnce($"{root.DriverName} images", root.Images.Sweep);
            rootLock.Users.SweepOnce($"{root.DriverName} containers", new ContainerRemover(root).Sweep);
            var unreleased = new List<ChainId>();
            rootLock.Users.SweepOnce($"{root.DriverName} releases", () =>
            {
                unreleased.AddRange(root.Layers.NotedReleases());
                return [];
            });
            foreach (ChainId top in unreleased)
            {
                await root.Layers.ReleaseAsync(top, root.TopLayers(), cancellationToken).ConfigureAwait(false);
            }

            return rootLock;
        }
        catch
        {
            rootLock.Dispose();
            throw;
        }
    }
}
