namespace Blobs.Tests.Testing;

/// <summary>Skips tests that need root when another user runs them.</summary>
internal static class Root
{
    public static void Needed() => Assert.SkipUnless(Environment.UserName == "root", "run as root: devices, owners and mounts are made");
}
