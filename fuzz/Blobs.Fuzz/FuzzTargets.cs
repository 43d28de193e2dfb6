using Blobs.Fuzz.Targets;

namespace Blobs.Fuzz;

/// <summary>The list of all fuzz targets.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<IFuzzTarget> All { get; } =
    [
        new InflateTarget(), new GzipTarget(), new ZstdTarget(), new TarTarget(), new PaxTarget(), new TarSplitTarget(),
        new RoundTripTarget(), new PipelineTarget(), new Crc64Target(), new ReferenceTarget(), new DigestTarget(), new ManifestTarget(),
        new ConfigTarget(), new LayoutTarget(), new DockerArchiveTarget(), new RequestTarget(), new RepositoriesTarget(), new BoltTarget(),
        new ContainersTarget(), new Bzip2Target(), new XzTarget(), new ErofsTarget(), new ErofsImageTarget(),
    ];

    public static IFuzzTarget Named(string name) =>
        All.FirstOrDefault(target => target.Name == name) ?? throw new ArgumentException($"there is no target {name}; see --list");
}
