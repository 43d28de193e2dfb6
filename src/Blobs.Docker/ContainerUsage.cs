namespace Blobs.Docker;

/// <summary>What a container takes besides its image.</summary>
/// <param name="Container">The container.</param>
/// <param name="Bytes">The size of the files that it added or changed.</param>
/// <param name="Volumes">The number of its local volumes.</param>
public sealed record ContainerUsage(ContainerOverview Container, long Bytes, int Volumes);
