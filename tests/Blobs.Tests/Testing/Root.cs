namespace Blobs.Tests.Testing;

/// <summary>Some things only root may do.</summary>
internal static class Root
{
    public static void Needed() => Assert.SkipUnless(Environment.UserName == "root", "run as root: devices, owners and mounts are made");
}
