using System.Reflection;
using Xunit.v3;

namespace Blobs.Registry.Tests.Testing;

/// <summary>A test of what only a registry on a directory has. A run on a bucket leaves it out by the trait
/// <c>Store=directory</c>, or skips it.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class OnDirectoryAttribute : BeforeAfterTestAttribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Store", "directory")];

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) =>
        Assert.SkipWhen(
            RegistryServer.IsInBucket, "the registry is on a bucket, and this is about a directory: add -trait- Store=directory");
}
