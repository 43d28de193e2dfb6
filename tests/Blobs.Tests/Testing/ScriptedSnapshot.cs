using Blobs.Containerd.Api;

namespace Blobs.Tests.Testing;

/// <summary>A snapshot of <see cref="ScriptedContainerd"/>.</summary>
internal sealed record ScriptedSnapshot(string Folder, string Parent, Kind Kind);
