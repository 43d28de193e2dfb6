namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>Models are explored one after the other: each may need much memory.</summary>
[CollectionDefinition(Name)]
public sealed class ModelGroup
{
    public const string Name = "Model of collection";
}
