namespace Blobs.Registry.Tests.Testing;

/// <summary>Tests that measure the process as a whole run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
