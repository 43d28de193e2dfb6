namespace Blobs.Docker;

/// <summary>What a volume takes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">The size of its files.</param>
/// <param name="Containers">The number of containers that mount it.</param>
public sealed record VolumeUsage(string Name, long Bytes, int Containers);
