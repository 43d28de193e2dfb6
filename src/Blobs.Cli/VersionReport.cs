namespace Blobs.Cli;

/// <summary>What <c>version --json</c> prints.</summary>
/// <param name="Version">The version and the commit it was built from.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="Platform">Operating system and architecture, as image indexes name them.</param>
internal sealed record VersionReport(string Version, string Runtime, string Platform);
